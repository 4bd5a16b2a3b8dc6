import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyInstance } from 'fastify';
import { WORKLIST_BASE } from './worklist-base.js';

/** A queue as the board takes it. */
export type ShownQueue = ConstructorParameters<typeof BullMQAdapter>[0];

const BOARD_BASE = `${WORKLIST_BASE}/queues`;
/** The board sets its own base address and styles itself within the page. Its fonts from elsewhere stay away. */
const BOARD_SECURITY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join(';');

/**
 * Shows the queues on Redis to administrators, to look at only: what is tried again is decided in the ledger, on the
 * monitoring page.
 */
export async function addQueueBoard(pages: FastifyInstance, queues: readonly ShownQueue[]): Promise<void> {
  const server = new FastifyAdapter();
  server.setBasePath(BOARD_BASE);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
    serverAdapter: server,
    options: { uiConfig: { boardTitle: 'PCE queues' } },
  });
  await pages.register(async (board) => {
    board.addHook('onRoute', (route) => {
      route.config = { ...route.config, permission: 'retry-work', isPage: true };
      route.schema = { ...route.schema, hide: true };
    });
    board.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', BOARD_SECURITY);
    });
    await board.register(server.registerPlugin(), { prefix: BOARD_BASE });
  });
}
