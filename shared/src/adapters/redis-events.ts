import { Redis } from 'ioredis';
import type { EventHub, StudyEvent } from '../ports/event-hub.js';
import { InProcessEvents } from './in-process-events.js';

const STUDY_EVENTS = 'pce-events';

/** The events of many processes, by Redis publish and subscribe. What is told while the server is away is lost. */
export class RedisEvents<Event = StudyEvent> implements EventHub<Event> {
  readonly #channel: string;
  readonly #local: InProcessEvents<Event>;
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #failed: (error: Error) => void;

  /**
   * @param failed told when the server is away, and what a listener threw
   * @param channel name of these events on the server
   */
  constructor(url: string, failed: (error: Error) => void, channel = STUDY_EVENTS) {
    this.#channel = channel;
    this.#failed = failed;
    this.#local = new InProcessEvents(failed);
    this.#publisher = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
    this.#subscriber = new Redis(url, { maxRetriesPerRequest: null });
    for (const redis of [this.#publisher, this.#subscriber]) redis.on('error', failed);
    this.#subscriber.on('message', (_channel, text) => this.#local.publish(JSON.parse(text) as Event));
    this.#subscriber.subscribe(channel).catch(failed);
  }

  publish(event: Event): void {
    this.#publisher.publish(this.#channel, JSON.stringify(event)).catch(this.#failed);
  }

  subscribe(listener: (event: Event) => void): () => void {
    return this.#local.subscribe(listener);
  }

  async close(): Promise<void> {
    await this.#local.close();
    for (const redis of [this.#publisher, this.#subscriber]) redis.disconnect();
  }
}
