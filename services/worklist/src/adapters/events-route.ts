import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SessionGate } from './session-gate.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistFeed } from './worklist-feed.js';

/** Proxies drop a connection they hear nothing from; a session that has ended is noticed as often. [design] */
const HEARTBEAT_MS = 15_000;

/** Lines that change, as server-sent events: `rows` with the lines as JSON. */
export function addEventsRoute(app: FastifyInstance, feed: WorklistFeed, gate: SessionGate): void {
  const open = new Set<FastifyReply>();
  app.addHook('preClose', async () => {
    for (const reply of open) reply.raw.end();
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
      open.add(reply);
      const endWatch = feed.watch((rows) => raw.write(`event: rows\ndata: ${JSON.stringify(rows)}\n\n`));
      const heartbeat = setInterval(() => void beat(request, reply, gate), HEARTBEAT_MS);
      raw.on('close', () => {
        open.delete(reply);
        endWatch();
        clearInterval(heartbeat);
      });
    },
  );
}

async function beat(request: FastifyRequest, { raw }: FastifyReply, gate: SessionGate): Promise<void> {
  const session = await gate.find(request).catch(() => null);
  if (session) raw.write(': still here\n\n');
  else raw.end();
}
