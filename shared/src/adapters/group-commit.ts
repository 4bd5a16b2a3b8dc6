/** Most entries committed at once. [design] Keeps one statement below the databases' limit on parameters. */
const MAX_BATCH = 64;

interface Waiting<In, Out> {
  entry: In;
  resolve: (result: Out) => void;
  reject: (error: unknown) => void;
}

/**
 * Lets entries that come at the same time share one commit, and so one fsync. Nobody waits for company: an entry that
 * is alone is committed alone; those that come while a commit runs go together in the next.
 */
export class GroupCommit<In, Out> {
  readonly #commit: (entries: In[]) => Promise<Out[]>;
  #waiting: Waiting<In, Out>[] = [];
  #running: Promise<void> | null = null;

  /** @param commit gives one result per entry, in order; when it fails, all its entries fail */
  constructor(commit: (entries: In[]) => Promise<Out[]>) {
    this.#commit = commit;
  }

  /** Settles when the entry is committed. */
  add(entry: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Settles when nothing is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Those who come in the same turn of the event loop go along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      try {
        const results = await this.#commit(batch.map(({ entry }) => entry));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Out);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = null;
  }
}
