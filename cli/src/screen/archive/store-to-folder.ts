import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { part10Header } from '@pce/shared/dicom/part10-header';
import { isUid } from '@pce/shared/dicom/uid';
import { IMPLEMENTATION_CLASS_UID } from '@pce/shared/dimse/implementation';
import type { StoreDecision, StoreRequest, StoreSink } from '@pce/shared/dimse/services';

/** Refused: Out of Resources. Source: PS3.4 table B.2-1. */
const OUT_OF_RESOURCES = 0xa700;
/** Error: Cannot Understand. Source: PS3.4 table B.2-1. */
const CANNOT_UNDERSTAND = 0xc000;

/** Takes a C-STORE into a file named after its SOP Instance UID. */
export function storeToFolder({ context, sopClassUid, sopInstanceUid }: StoreRequest, folder: string): StoreDecision {
  // A name on disk: nothing but digits and dots.
  if (!isUid(sopInstanceUid)) return { kind: 'refuse', status: CANNOT_UNDERSTAND };
  const identity = { sopClassUid, sopInstanceUid, transferSyntaxUid: context.transferSyntax };
  const header = part10Header({ ...identity, implementationClassUid: IMPLEMENTATION_CLASS_UID });
  return { kind: 'take', sink: new FileSink(join(folder, `${sopInstanceUid}.dcm`), header) };
}

class FileSink implements StoreSink {
  readonly #file: Promise<FileHandle>;
  #last: Promise<unknown>;
  #failed = false;

  constructor(
    readonly path: string,
    header: Uint8Array,
  ) {
    this.#file = open(path, 'w');
    this.#last = this.#write(header);
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#last = this.#last.then(() => this.#write(bytes));
    return this.#last as Promise<void>;
  }

  async end() {
    await this.#last;
    await this.#close();
    return { status: this.#failed ? OUT_OF_RESOURCES : 0 };
  }

  async discard(): Promise<void> {
    await this.#last;
    await this.#close();
    await rm(this.path, { force: true });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      await (await this.#file).writeFile(bytes);
    } catch {
      this.#failed = true;
    }
  }

  async #close(): Promise<void> {
    await this.#file.then(
      (file) => file.close(),
      () => undefined,
    );
  }
}
