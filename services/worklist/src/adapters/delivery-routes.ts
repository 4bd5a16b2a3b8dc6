import type { DeliveryFilter, DeliveryState } from '@pce/shared/ports/delivery-ledger';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
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

/** Which deliveries are meant. */
export const DeliveryQuerySchema = Type.Object({
  state: Type.Optional(Type.Enum([...STATES])),
  destination: Type.Optional(Type.String({ maxLength: 100 })),
});
export type DeliveryQuery = Static<typeof DeliveryQuerySchema>;
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
      schema: { summary: 'Deliveries, newest first', tags: ['monitoring'], querystring: DeliveryQuerySchema },
    },
    async (request): Promise<{ deliveries: DeliveryView[]; destinations: string[] }> => {
      const found = await deliveries.searchDeliveries(filterOf(request.query as DeliveryQuery), LISTED_DELIVERIES, 0);
      const keys = await keysOf(
        deps.ledger,
        found.map(({ studyInstanceUid }) => studyInstanceUid),
      );
      return {
        deliveries: found.map((one) => deliveryView(one, keys.get(one.studyInstanceUid) ?? null)),
        destinations: (await deliveries.lanes()).map(({ destination }) => destination),
      };
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

/** The question as the ledger takes it. */
export function filterOf({ state, destination }: DeliveryQuery): DeliveryFilter {
  return { ...(state ? { states: [state] } : {}), ...(destination ? { destination } : {}) };
}
