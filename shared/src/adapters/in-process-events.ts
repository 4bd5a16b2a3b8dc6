import type { EventHub, StudyEvent } from '../ports/event-hub.js';

/** The events of one process. A listener that throws keeps no other from hearing. */
export class InProcessEvents<Event = StudyEvent> implements EventHub<Event> {
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #failed: (error: Error) => void;

  /** @param failed told what a listener threw */
  constructor(failed: (error: Error) => void) {
    this.#failed = failed;
  }

  publish(event: Event): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#failed(error as Error);
      }
    }
  }

  subscribe(listener: (event: Event) => void): () => void {
    const own = (event: Event) => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
