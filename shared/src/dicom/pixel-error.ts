/** Pixels that cannot be decoded although the header was read. */
export class PixelDecodeError extends Error {
  override readonly name = 'PixelDecodeError';
  constructor(
    /** What was being decoded: "JPEG-LS frame 3", "PixelData (7fe0,0010)". */
    readonly what: string,
    readonly expected: string,
    readonly received: string,
    options?: ErrorOptions,
  ) {
    super(`${what}: expected ${expected}; received ${received}`, options);
  }
}

/** A transfer syntax, or a variant of one, that has no decoder here. Says what the administrator can do. */
export class UnsupportedTransferSyntaxError extends Error {
  override readonly name = 'UnsupportedTransferSyntaxError';
  readonly expected = 'a transfer syntax that can be decoded (see the conformance statement)';
  constructor(
    readonly transferSyntaxUid: string,
    readonly received: string,
  ) {
    super(
      `${received} (${transferSyntaxUid}) cannot be decoded: have the PACS send it uncompressed or as JPEG lossless`,
    );
  }
}
