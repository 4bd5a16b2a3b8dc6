import { Redis } from 'ioredis';
import type { EventHub, StudyEvent } from '../ports/event-hub.js';
import { InProcessEvents } from './in-process-events.js';

const CHANNEL = 'pce-events';

/** The events of many processes, by Redis publish and subscribe. What is told while the server is away is lost. */
export class RedisEvents implements EventHub {
  readonly #local: InProcessEvents;
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #failed: (error: Error) => void;

  /** @param failed told when the server is away, and what a listener threw */
  constructor(url: string, failed: (error: Error) => void) {
    this.#failed = failed;
    this.#local = new InProcessEvents(failed);
    this.#publisher = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
    this.#subscriber = new Redis(url, { maxRetriesPerRequest: null });
    for (const redis of [this.#publisher, this.#subscriber]) redis.on('error', failed);
    this.#subscriber.on('message', (_channel, text) => this.#local.publish(JSON.parse(text) as StudyEvent));
    this.#subscriber.subscribe(CHANNEL).catch(failed);
  }

  publish(event: StudyEvent): void {
    this.#publisher.publish(CHANNEL, JSON.stringify(event)).catch(this.#failed);
  }

  subscribe(listener: (event: StudyEvent) => void): () => void {
    return this.#local.subscribe(listener);
  }

  async close(): Promise<void> {
    await this.#local.close();
    for (const redis of [this.#publisher, this.#subscriber]) redis.disconnect();
  }
}
