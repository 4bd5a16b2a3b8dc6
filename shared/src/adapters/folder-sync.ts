import { type FileHandle, open } from 'node:fs/promises';

/** Open folders kept for the next sync. [design] Series that are received at the same time. */
const MAX_OPEN_FOLDERS = 64;

interface SyncedFolder {
  handle: FileHandle;
  running: Promise<void>;
  /** The sync that those join who come while one is running: it begins after them, so it covers them. */
  next: Promise<void> | null;
}

/** Makes names durable: fsync on folders, one for all who ask at the same time. */
export class FolderSync {
  readonly #folders = new Map<string, SyncedFolder>();

  /** Settles when every rename done in `path` before the call is durable. */
  async sync(path: string): Promise<void> {
    const folder = this.#folders.get(path) ?? (await this.#open(path));
    if (folder.next) return folder.next;
    const sync = folder.running
      .catch(() => {})
      .then(() => {
        folder.next = null;
        folder.running = folder.handle.sync();
        return folder.running;
      });
    folder.next = sync;
    return sync;
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    const folders = [...this.#folders.values()];
    this.#folders.clear();
    await Promise.all(folders.map(closeWhenIdle));
  }

  async #open(path: string): Promise<SyncedFolder> {
    const handle = await open(path, 'r');
    const known = this.#folders.get(path);
    if (known) {
      await handle.close();
      return known;
    }
    const folder: SyncedFolder = { handle, running: Promise.resolve(), next: null };
    this.#folders.set(path, folder);
    const [oldestPath, oldest] = this.#folders.entries().next().value as [string, SyncedFolder];
    if (this.#folders.size > MAX_OPEN_FOLDERS) {
      this.#folders.delete(oldestPath);
      void closeWhenIdle(oldest);
    }
    return folder;
  }
}

async function closeWhenIdle(folder: SyncedFolder): Promise<void> {
  await (folder.next ?? folder.running).catch(() => {});
  await folder.handle.close().catch(() => {});
}
