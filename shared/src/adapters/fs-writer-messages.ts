/** Bytes in a slot. */
export interface FilledSlot {
  slot: number;
  length: number;
}

/** What the main thread asks of a writer thread. `file` numbers the files of one thread. */
export type WriterRequest =
  | ({ kind: 'write'; file: number } & FilledSlot)
  /**
   * `folder` is below the root, the file's name is made of `stem` and the digest; `last` are bytes to write before.
   * `byteLength` is the whole file's: a thread that was started anew in between does not have what its predecessor was
   * given.
   */
  | { kind: 'commit'; file: number; folder: string; stem: string; byteLength: number; last: FilledSlot | null }
  | { kind: 'discard'; file: number }
  /** Asks for an answer when everything before is done. */
  | { kind: 'drain' };

export type WriterReply =
  | { kind: 'committed'; file: number; location: string; sha256: string }
  | { kind: 'failed'; file: number; code: string; message: string }
  | { kind: 'drained' };

export interface WriterThreadData {
  root: string;
  temporaryFolder: string;
  /** The slots, one after the other. */
  slots: SharedArrayBuffer;
  /** One Int32 per slot: SLOT_FREE or SLOT_TAKEN. The main thread takes, the writer thread frees, without a message. */
  slotStates: SharedArrayBuffer;
}

export const SLOT_FREE = 0;
export const SLOT_TAKEN = 1;

/**
 * Bytes handed over at once. [design] Small enough that the digest and the write of a slice run beside its reception and
 * that a slot is still in the processor's cache when it is used again; large enough that messages do not cost more.
 */
export const SLOT_BYTES = 256 * 1024;
/** Slots of one thread. [design] */
export const SLOTS_PER_THREAD = 16;
