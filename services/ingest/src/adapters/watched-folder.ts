import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { ReceiverContext } from '../core/receive-instance.js';
import type { StowedInstance } from '../core/stow-response.js';
import { receiveFile } from './file-receiver.js';

export interface WatchedFolderOptions {
  path: string;
  /** A file must have kept its size and time this long before it is read. */
  settleMs: number;
  receiver: ReceiverContext;
  maxInstanceBytes: number;
  report: (file: string, instance: StowedInstance) => void;
  /** A file cannot be read or removed; it is tried again and again. */
  failed: (file: string, error: Error) => void;
}

/** Files that could not be taken are moved here, below the watched folder. */
const REFUSED_FOLDER = 'refused';
/** How often the folder is looked through. [design] Works on network shares, where notifications do not. */
const POLL_MS = 1000;

/**
 * Takes DICOM files that are put into a folder, at any depth. A file is removed once its instance is safe; one that
 * cannot be taken is moved aside. While the store is full, files stay where they are.
 */
export class WatchedFolder {
  readonly #options: WatchedFolderOptions;
  readonly #seen = new Map<string, { size: number; changedMs: number; sinceMs: number }>();
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: WatchedFolderOptions) {
    this.#options = options;
  }

  /** Looks at once, then again and again. */
  async start(): Promise<void> {
    await mkdir(join(this.#options.path, REFUSED_FOLDER), { recursive: true });
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#round;
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      // A folder that cannot be read now, such as a share that is away, is tried again.
      this.#round = this.#look()
        .catch(() => {})
        .then(() => this.#schedule(Math.min(POLL_MS, Math.max(20, this.#options.settleMs))));
    }, delayMs);
  }

  async #look(): Promise<void> {
    const entries = await readdir(this.#options.path, { recursive: true, withFileTypes: true });
    const present = new Set<string>();
    for (const entry of entries) {
      const file = join(entry.parentPath, entry.name);
      const isAside = relative(this.#options.path, file).startsWith(REFUSED_FOLDER);
      if (!entry.isFile() || isAside || this.#isStopped) continue;
      present.add(file);
      try {
        if (await this.#isSettled(file)) await this.#take(file);
      } catch (error) {
        // Gone in the meantime, or not ours to read: looked at again in the next round, and the others go on.
        this.#options.failed(file, error as Error);
      }
    }
    for (const file of this.#seen.keys()) if (!present.has(file)) this.#seen.delete(file);
  }

  async #isSettled(file: string): Promise<boolean> {
    const now = performance.now();
    const { size, mtimeMs } = await stat(file);
    const seen = this.#seen.get(file);
    if (!seen || seen.size !== size || seen.changedMs !== mtimeMs) {
      this.#seen.set(file, { size, changedMs: mtimeMs, sinceMs: now });
      return this.#options.settleMs === 0;
    }
    return now - seen.sinceMs >= this.#options.settleMs;
  }

  async #take(file: string): Promise<void> {
    const { path, receiver, maxInstanceBytes, report } = this.#options;
    if (!(await receiver.store.hasRoom())) return;
    const source = { door: 'folder' as const, sender: path };
    const instance = await receiveFile(receiver, createReadStream(file), source, maxInstanceBytes);
    const { kind } = instance.outcome;
    if (kind !== 'stored') report(file, instance);
    if (kind === 'stored' || kind === 'identical' || kind === 'conflicting') await unlink(file);
    else if (kind === 'unreadable' || kind === 'mismatch') {
      await rename(file, join(path, REFUSED_FOLDER, `${Date.now()}-${basename(file)}`));
    }
  }
}
