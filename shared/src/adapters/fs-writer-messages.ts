/** What the main thread asks of a writer thread. `file` numbers the files of one thread. */
export type WriterRequest =
  | { kind: 'write'; file: number; slot: number; length: number }
  /** `folder` and `name` are below the root; `{digest}` in the name stands for the first digits of the digest. */
  | { kind: 'commit'; file: number; folder: string; name: string; byteLength: number }
  | { kind: 'discard'; file: number };

export type WriterReply =
  /** The slot is free again. */
  | { kind: 'written'; slot: number }
  | { kind: 'committed'; file: number; location: string; byteLength: number; sha256: string }
  | { kind: 'failed'; file: number; code: string; message: string };

export interface WriterThreadData {
  root: string;
  temporaryFolder: string;
  /** The slots, one after the other. */
  slots: SharedArrayBuffer;
}

/** Bytes handed over at once. [design] Large enough that messages cost little, small enough to overlap with receiving. */
export const SLOT_BYTES = 128 * 1024;
/** Slots of one thread. [design] */
export const SLOTS_PER_THREAD = 32;
export const DIGEST_PLACEHOLDER = '{digest}';
/** Digits of the digest in a file name: enough to keep different bytes of one UID apart. */
export const DIGEST_DIGITS = 16;
