import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SessionGate } from './session-gate.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistFeed } from './worklist-feed.js';

/** Proxies drop a connection they hear nothing from; a session that has ended is noticed as often. [design] */
const HEARTBEAT_MS = 15_000;

/** A page that takes no more is let go when this much waits for it; it asks anew. [design] Some hundred lines. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Lines that change, as server-sent events: `rows` with the lines as JSON. */
export function addEventsRoute(app: FastifyInstance, feed: WorklistFeed, gate: SessionGate): void {
  const open = new Set<EventStream>();
  app.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });
  app.get(
    `${WORKLIST_BASE}/api/events`,
    { config: { permission: 'view-studies' }, schema: { summary: 'Lines that change', tags: ['worklist'] } },
    (request, reply) => {
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-accel-buffering': 'no',
      });
      // Whoever listens asks for the list after this: nothing can fall between.
      raw.write('retry: 2000\nevent: listening\ndata: {}\n\n');
      const stream = new EventStream(reply);
      open.add(stream);
      stream.atEnd(() => open.delete(stream));
      stream.atEnd(feed.watch((rows) => stream.send(`event: rows\ndata: ${JSON.stringify(rows)}\n\n`)));
      const heartbeat = setInterval(() => void beat(request, stream, gate), HEARTBEAT_MS);
      stream.atEnd(() => clearInterval(heartbeat));
    },
  );
}

async function beat(request: FastifyRequest, stream: EventStream, gate: SessionGate): Promise<void> {
  const session = await gate.find(request).catch(() => null);
  if (session) stream.send(': still here\n\n');
  else stream.end();
}

/** One open page. After its end nothing more is written to it, whoever ended it. */
class EventStream {
  readonly #raw: FastifyReply['raw'];
  readonly #atEnd: (() => void)[] = [];
  #hasEnded = false;

  constructor({ raw }: FastifyReply) {
    this.#raw = raw;
    raw.on('close', () => this.end());
    raw.on('error', () => this.end());
  }

  /** Has something done when it ends. */
  atEnd(finish: () => void): void {
    this.#atEnd.push(finish);
  }

  send(text: string): void {
    if (this.#hasEnded) return;
    if (this.#raw.writableLength > MAX_WAITING_BYTES) this.#raw.destroy();
    else this.#raw.write(text);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const finish of this.#atEnd) finish();
    this.#raw.end();
  }
}
