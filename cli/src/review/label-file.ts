import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { type Label, labelHeader, labelLine, parseLabels } from './label.js';

/** The labels of one reader in a results folder: each is on disk before the reader is told that it is saved. */
export class LabelFile {
  readonly #file: fs.FileHandle;
  readonly #labels = new Map<string, Label>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    file: fs.FileHandle,
    labels: readonly Label[],
  ) {
    this.#file = file;
    for (const label of labels) this.#labels.set(label.label_id, label);
  }

  /** Opens the file or makes it; what a crash cut off at its end is taken away. */
  static async open(folder: string, reader: string): Promise<LabelFile> {
    const path = join(folder, `labels-${reader}.csv`);
    const file = await fs.open(path, 'a+');
    const text = await file.readFile('utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
    if (whole === '') await file.appendFile(labelHeader());
    await file.sync();
    return new LabelFile(path, file, parseLabels(whole));
  }

  /** The last label of each id, in the order they were first given. */
  get labels(): Label[] {
    return [...this.#labels.values()];
  }

  /** Adds a label; it is on disk when this settles. */
  keep(label: Label): Promise<void> {
    const written = this.#writing.then(async () => {
      await this.#file.appendFile(labelLine(label));
      await this.#file.sync();
      this.#labels.set(label.label_id, label);
    });
    // One that failed is told of by its own promise and does not keep the next from being tried.
    this.#writing = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }
}
