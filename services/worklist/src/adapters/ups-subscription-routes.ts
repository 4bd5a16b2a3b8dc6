import type {} from '@fastify/websocket';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FILTERED_GLOBAL_SUBSCRIPTION, GLOBAL_SUBSCRIPTION, UPS } from '../core/ups-attributes.js';
import { parseUpsFilter } from '../core/ups-query.js';
import { isFinal } from '../core/ups-state.js';
import { needs, refuse, type UpsParameters, WORK_ITEMS_BASE } from './ups-web.js';
import type { WorkItems } from './work-items.js';

const CHANNELS = '/ws/subscribers';
const AE_TITLE = /^[\x20-\x5b\x5d-\x7e]{1,16}$/;
/** Work items of which there is something to hear yet. */
const OPEN = { kind: 'any-of' as const, path: [UPS.state], patterns: ['SCHEDULED', 'IN PROGRESS'] };

/**
 * Subscriptions to one work item, to all, or to those a filter lets pass, and the connections events go over. Nothing
 * is ever deleted, so that a deletion lock holds for whoever asks for one. Source: PS3.18 sections 11.10 to 11.12,
 * PS3.4 table CC.2.3-2.
 */
export function addUpsSubscriptionRoutes(app: FastifyInstance, workItems: WorkItems): void {
  const { ledger, notifier } = workItems;
  const url = `${WORK_ITEMS_BASE}/:uid/subscribers/:aeTitle`;
  app.post(url, needs('read', 'Subscribe'), async (request, reply) => {
    const { uid, aeTitle } = request.params as UpsParameters;
    if (!AE_TITLE.test(aeTitle)) return refuse(reply, 400, 'AE title: expected 1 to 16 characters');
    if (isGlobal(uid)) return subscribeToAll(request, reply, workItems);
    const item = await ledger.find(uid);
    if (item === null) return refuse(reply, 404, 'there is no work item of that UID');
    if (!isFinal(item)) await ledger.subscribe(aeTitle, uid);
    notifier.tellState(aeTitle, item);
    return subscribed(request, reply);
  });
  app.delete(url, needs('read', 'Unsubscribe'), async (request, reply) => {
    const { uid, aeTitle } = request.params as UpsParameters;
    if (isGlobal(uid)) await ledger.unsubscribeFromAll(aeTitle);
    else await ledger.unsubscribe(aeTitle, uid);
    return reply.code(200).send();
  });
  app.post(`${url}/suspend`, needs('read', 'Hear of no new work items'), async (request, reply) => {
    const { uid, aeTitle } = request.params as UpsParameters;
    if (!isGlobal(uid)) return refuse(reply, 404, 'only a global subscription can be suspended');
    await ledger.suspend(aeTitle);
    return reply.code(200).send();
  });
  app.get(
    `${CHANNELS}/:aeTitle`,
    { ...needs('read', 'Open the event channel'), websocket: true } as { websocket: true },
    (socket, request) => {
      const close = notifier.open((request.params as UpsParameters).aeTitle, socket);
      socket.on('close', close);
    },
  );
}

async function subscribeToAll(request: FastifyRequest, reply: FastifyReply, { ledger, notifier }: WorkItems) {
  const { uid, aeTitle } = request.params as UpsParameters;
  const isFiltered = uid === FILTERED_GLOBAL_SUBSCRIPTION;
  const parsed = isFiltered ? parseUpsFilter(request.query as Record<string, string>) : null;
  if (parsed?.kind === 'invalid') return refuse(reply, 400, parsed.message);
  const existing = await ledger.subscribeToAll({ aeTitle, filter: parsed?.query.matches ?? [] }, [OPEN]);
  for (const known of existing) {
    const item = await ledger.find(known);
    if (item) notifier.tellState(aeTitle, item);
  }
  return subscribed(request, reply);
}

function subscribed(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { aeTitle } = request.params as UpsParameters;
  const scheme = request.protocol === 'https' ? 'wss' : 'ws';
  const address = `${scheme}://${request.host}${CHANNELS}/${encodeURIComponent(aeTitle)}`;
  return reply.code(201).header('content-location', address).send();
}

function isGlobal(uid: string): boolean {
  return uid === GLOBAL_SUBSCRIPTION || uid === FILTERED_GLOBAL_SUBSCRIPTION;
}
