import type {} from '@fastify/swagger';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import type { Clock } from '@pce/shared/ports/clock';
import type { DeliveryFilter, DeliveryState } from '@pce/shared/ports/delivery-ledger';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ReportPreview } from './preview-report.js';
import { DELIVERY_STATES, deliveriesCsv, readDeliveryRows, traceStudy } from './read-deliveries.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The role a caller needs. */
    role?: 'store' | 'read' | 'admin';
  }
}

export interface DeliveryRoutesDeps {
  ledger: SqlLedger;
  clock: Clock;
  /** Destinations have something to get again. */
  redelivered: (destinations: readonly string[]) => void;
  preview: (studyInstanceUid: string) => Promise<ReportPreview | null>;
}

/** Deliveries given at a time, unless asked otherwise, and at most. [design] */
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;

const FILTER = {
  deliveryId: Type.Optional(Type.String({ maxLength: 64 })),
  study: Type.Optional(Type.String({ maxLength: 64 })),
  destination: Type.Optional(Type.String({ maxLength: 64 })),
  state: Type.Optional(Type.Enum([...DELIVERY_STATES])),
};
const QuerySchema = Type.Object({
  ...FILTER,
  format: Type.Enum(['json', 'csv'], { default: 'json' }),
  limit: Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
  offset: Type.Integer({ minimum: 0, default: 0 }),
});
/** One condition at least: nobody sends everything again by an empty body. */
const RedeliverSchema = Type.Object(FILTER, { additionalProperties: false, minProperties: 1 });

/** What `FILTER` describes. */
export interface DeliveryQuery {
  deliveryId?: string;
  study?: string;
  destination?: string;
  state?: DeliveryState;
}

/** A filter as the ledger takes it. */
export function toFilter({ deliveryId, study, destination, state }: DeliveryQuery): DeliveryFilter {
  return {
    ...(deliveryId ? { deliveryId } : {}),
    ...(study ? { studyInstanceUid: study } : {}),
    ...(destination ? { destination } : {}),
    ...(state ? { states: [state] } : {}),
  };
}

/** Proof of delivery, and sending again. */
export function addDeliveryRoutes(app: FastifyInstance, deps: DeliveryRoutesDeps): void {
  const { ledger } = deps;
  const tags = ['deliveries'];
  app.get(
    '/deliveries',
    { config: { role: 'read' }, schema: { summary: 'What was sent where', tags, querystring: QuerySchema } },
    async (request, reply) => {
      const { format, limit, offset, ...query } = request.query as DeliveryQuery & {
        format: 'json' | 'csv';
        limit: number;
        offset: number;
      };
      const rows = await readDeliveryRows(ledger, toFilter(query), limit, offset);
      return format === 'csv' ? reply.type('text/csv; charset=utf-8').send(deliveriesCsv(rows)) : { deliveries: rows };
    },
  );
  app.get(
    '/deliveries/:delivery/attempts',
    { config: { role: 'read' }, schema: { summary: 'Every attempt of a delivery', tags } },
    async (request) => ledger.deliveries.attempts((request.params as { delivery: string }).delivery),
  );
  app.post(
    '/redeliveries',
    {
      config: { role: 'admin' },
      schema: { summary: 'Send again what is settled, the same bytes', tags, body: RedeliverSchema },
    },
    async (request, reply) => {
      const again = await ledger.deliveries.redeliver(toFilter(request.body as DeliveryQuery), deps.clock.now());
      deps.redelivered(again.destinations);
      return reply.code(202).send(again);
    },
  );
  app.get(
    '/destinations',
    { config: { role: 'read' }, schema: { summary: 'The queue of each destination', tags } },
    async () => ledger.deliveries.lanes(),
  );
  addStudyRoutes(app, deps);
}

function addStudyRoutes(app: FastifyInstance, { ledger, preview }: DeliveryRoutesDeps): void {
  const tags = ['deliveries'];
  app.get(
    '/studies/:study/trace',
    { config: { role: 'read' }, schema: { summary: 'From received images to proof of delivery', tags } },
    async (request) => traceStudy(ledger, (request.params as { study: string }).study),
  );
  app.get(
    '/studies/:study/report-preview',
    { config: { role: 'admin' }, schema: { summary: 'What would be sent; nothing is', tags } },
    async (request, reply) => {
      const found = await preview((request.params as { study: string }).study);
      if (!found) return reply.code(404).send({ message: 'the study has no result to report' });
      const files = found.files.map(({ bytes, ...file }) => ({
        ...file,
        bytes: Buffer.from(bytes).toString('base64'),
      }));
      return { ...found, files };
    },
  );
}
