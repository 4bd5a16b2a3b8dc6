/** What only the running processes know: whoever composes the service gives it to the monitoring page. */
export interface SystemSnapshot {
  /** Jobs that wait, by kind of work. */
  queues: { name: string; waiting: number }[];
  disk: { freeBytes: number; totalBytes: number; watermarkBytes: number } | null;
  destinations: DestinationSnapshot[];
  /** From the recorded result to the delivery, milliseconds, in rising order, of the last day. */
  deliveryLatenciesMs: number[];
  /** Name and version of each part: software, model, Node.js. */
  versions: { name: string; version: string }[];
}

export interface DestinationSnapshot {
  name: string;
  kind: string;
  /** `paused`: it failed so often that it is left alone for a while. */
  state: 'ok' | 'failing' | 'paused';
  waiting: number;
  delivered: number;
  failed: number;
  /** ISO 8601. */
  lastDeliveredAt: string | null;
  lastFailure: string | null;
}
