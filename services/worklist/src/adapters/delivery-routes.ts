import type { DeliveryState } from '@pce/shared/ports/delivery-ledger';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type DeliveryView, deliveryView } from '../core/monitoring-view.js';
import type { Audit } from './audit.js';
import { keysOf } from './monitoring-routes.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';

/** Deliveries listed at a time; filters reach the rest. [design] */
const LISTED_DELIVERIES = 200;
const STATES = [
  'waiting',
  'awaiting-commitment',
  'delivered',
  'failed',
  'cancelled',
  'skipped',
] as const satisfies readonly DeliveryState[];

const FilterSchema = Type.Object({
  state: Type.Optional(Type.Enum([...STATES])),
  destination: Type.Optional(Type.String({ maxLength: 100 })),
});
const RedeliverySchema = Type.Object(
  { deliveryId: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false },
);

/** Where results went, attempt by attempt, and sending again. */
export function addDeliveryPageRoutes(app: FastifyInstance, deps: WorklistDeps, audit: Audit): void {
  const { deliveries } = deps.ledger;
  const url = `${WORKLIST_BASE}/api/deliveries`;
  app.get(
    url,
    {
      config: { permission: 'see-monitoring' },
      schema: { summary: 'Deliveries, newest first', tags: ['monitoring'], querystring: FilterSchema },
    },
    async (request): Promise<{ deliveries: DeliveryView[] }> => {
      const { state, destination } = request.query as { state?: DeliveryState; destination?: string };
      const filter = { ...(state ? { states: [state] } : {}), ...(destination ? { destination } : {}) };
      const found = await deliveries.searchDeliveries(filter, LISTED_DELIVERIES, 0);
      const keys = await keysOf(
        deps.ledger,
        found.map(({ studyInstanceUid }) => studyInstanceUid),
      );
      return { deliveries: found.map((one) => deliveryView(one, keys.get(one.studyInstanceUid) ?? null)) };
    },
  );
  app.get(
    `${url}/:deliveryId/attempts`,
    {
      config: { permission: 'see-monitoring' },
      schema: { summary: 'Every attempt of a delivery', tags: ['monitoring'] },
    },
    async (request) => {
      const { deliveryId } = request.params as { deliveryId: string };
      const attempts = await deliveries.attempts(deliveryId);
      return { attempts: attempts.map(({ objects: _objects, ...attempt }) => attempt) };
    },
  );
  app.post(
    `${WORKLIST_BASE}/api/redeliveries`,
    {
      config: { permission: 'retry-work' },
      schema: { summary: 'Send a delivery again', tags: ['monitoring'], body: RedeliverySchema },
    },
    async (request, reply) => {
      const { deliveryId } = request.body as { deliveryId: string };
      const [delivery] = await deliveries.searchDeliveries({ deliveryId }, 1, 0);
      if (!delivery) return reply.code(404).send({ message: 'there is no such delivery' });
      await audit.record(request, 'retry', delivery);
      const { count, destinations } = await deliveries.redeliver({ deliveryId }, deps.clock.now());
      if (count === 0) return reply.code(409).send({ message: 'expected a delivery that is settled: this one waits' });
      deps.deliveriesRetried(destinations);
      return reply.code(202).send({ count });
    },
  );
}
