import type { EventHub, StudyEvent } from '../ports/event-hub.js';

/** The events of one process. A listener that throws keeps no other from hearing. */
export class InProcessEvents implements EventHub {
  readonly #listeners = new Set<(event: StudyEvent) => void>();
  readonly #failed: (error: Error) => void;

  /** @param failed told what a listener threw */
  constructor(failed: (error: Error) => void) {
    this.#failed = failed;
  }

  publish(event: StudyEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#failed(error as Error);
      }
    }
  }

  subscribe(listener: (event: StudyEvent) => void): () => void {
    const own = (event: StudyEvent) => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
