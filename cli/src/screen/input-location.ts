/** Where the bytes of an input are. */
export type InputLocation =
  | { readonly kind: 'file'; readonly path: string }
  /** `entryIndex` counts the entries of the archive's central directory from 0: names may repeat. */
  | { readonly kind: 'zip-entry'; readonly archivePath: string; readonly entryIndex: number };

/** One input as the scan hands it out: its first bytes are read, more can be asked for until the next one is taken. */
export interface ScannedInput {
  readonly kind: 'input';
  /** For people and for sorting: the path as reached from what was given, `archive.zip!/entry` inside an archive. */
  readonly path: string;
  readonly location: InputLocation;
  readonly byteLength: number;
  readonly prefix: Uint8Array;
  /** The first `byteCount` bytes, fewer at the end of the input. */
  readPrefix(byteCount: number): Promise<Uint8Array>;
}

/** First read of every input: nearly all DICOM headers fit. */
export const PREFIX_BYTES = 64 * 1024;
