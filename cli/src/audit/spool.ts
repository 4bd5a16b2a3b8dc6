import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const SUFFIX = '.syslog';
const UNFINISHED = '.new';
/** Digits of a message's number in its file name, so that names sort as the messages came. */
const DIGITS = 15;

/** Messages that wait on disk, one a file, in the order they came. One writer. */
export class Spool {
  readonly #folder: string;
  readonly #most: number;
  #last: number;
  #count: number;
  #adding: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, most: number, names: readonly string[]) {
    this.#folder = folder;
    this.#most = most;
    this.#count = names.length;
    this.#last = Number(names.at(-1)?.slice(0, DIGITS) ?? 0);
  }

  /** @param most messages kept */
  static async open(folder: string, most: number): Promise<Spool> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = await readdir(folder);
    for (const name of names.filter((each) => each.endsWith(UNFINISHED))) await rm(join(folder, name));
    return new Spool(folder, most, names.filter((each) => each.endsWith(SUFFIX)).sort());
  }

  /** @returns false when the spool is full and the message is not kept */
  add(message: Uint8Array): Promise<boolean> {
    const added = this.#adding.then(() => this.#write(message));
    this.#adding = added.catch(() => {});
    return added;
  }

  async #write(message: Uint8Array): Promise<boolean> {
    if (this.#count >= this.#most) return false;
    const name = join(this.#folder, `${this.#last + 1}`.padStart(DIGITS, '0'));
    const file = await open(name + UNFINISHED, 'w', 0o600);
    try {
      await file.writeFile(message);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(name + UNFINISHED, name + SUFFIX);
    this.#last += 1;
    this.#count += 1;
    return true;
  }

  /** Names of what waits, the oldest first. */
  async waiting(): Promise<string[]> {
    return (await readdir(this.#folder)).filter((name) => name.endsWith(SUFFIX)).sort();
  }

  read(name: string): Promise<Uint8Array> {
    return readFile(join(this.#folder, name));
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#folder, name), { force: true });
    this.#count -= 1;
  }

  /** Settles when nothing is being written. */
  async idle(): Promise<void> {
    await this.#adding;
  }
}
