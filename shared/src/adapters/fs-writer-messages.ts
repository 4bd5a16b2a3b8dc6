/** Bytes in a slot. */
export interface FilledSlot {
  slot: number;
  length: number;
}

/** What the main thread asks of a writer thread. `file` numbers the files of one thread. */
export type WriterRequest =
  | ({ kind: 'write'; file: number } & FilledSlot)
  /**
   * `folder` and `name` are below the root; `last` are bytes to write before. `byteLength` is the whole file's: a thread
   * that was started anew in between does not have what its predecessor was given.
   */
  | { kind: 'commit'; file: number; folder: string; name: string; byteLength: number; last: FilledSlot | null }
  | { kind: 'discard'; file: number };

export type WriterReply =
  /** The slot is free again. */
  | { kind: 'written'; slot: number }
  | { kind: 'committed'; file: number; slot: number | null; location: string }
  | { kind: 'failed'; file: number; slot: number | null; code: string; message: string };

export interface WriterThreadData {
  root: string;
  temporaryFolder: string;
  /** The slots, one after the other. */
  slots: SharedArrayBuffer;
}

/** Bytes handed over at once. [design] Most instances fit: one message there and one back. */
export const SLOT_BYTES = 1024 * 1024;
/** Slots of one thread. [design] */
export const SLOTS_PER_THREAD = 8;
