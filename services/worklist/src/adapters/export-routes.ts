import { Readable } from 'node:stream';
import type { AuditEvent, AuditSpan } from '@pce/shared/ports/access-ledger';
import type { Delivery, DeliveryFilter } from '@pce/shared/ports/delivery-ledger';
import { stringify } from 'csv-stringify/sync';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { deliveryView } from '../core/monitoring-view.js';
import type { Audit } from './audit.js';
import { type DeliveryQuery, DeliveryQuerySchema, filterOf } from './delivery-routes.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';

/** Rows asked of the ledger at a time: what an export holds in memory. [design] */
const PAGE_ROWS = 500;
const CSV = 'text/csv; charset=utf-8';
const NDJSON = 'application/x-ndjson; charset=utf-8';

const SpanSchema = Type.Object({
  from: Type.Optional(Type.String({ format: 'date-time' })),
  until: Type.Optional(Type.String({ format: 'date-time' })),
});

const AUDIT_COLUMNS = [
  'at',
  'userName',
  'action',
  'address',
  'studyInstanceUid',
  'resultId',
  'eventId',
] as const satisfies readonly (keyof AuditEvent)[];
const DELIVERY_COLUMNS = [
  'plannedAt',
  'destination',
  'state',
  'objectCount',
  'acknowledgedCount',
  'attempts',
  'settledAt',
  'reason',
  'studyInstanceUid',
  'resultId',
  'deliveryId',
] as const;

/** Lists as files, as long as they are, written while they are read. */
export function addExportRoutes(app: FastifyInstance, deps: WorklistDeps, audit: Audit): void {
  for (const [form, type] of [
    ['csv', CSV],
    ['ndjson', NDJSON],
  ] as const) {
    app.get(
      `${WORKLIST_BASE}/api/audit.${form}`,
      {
        config: { permission: 'see-audit' },
        schema: {
          summary: `The audit as ${form.toUpperCase()}, oldest first`,
          tags: ['monitoring'],
          querystring: SpanSchema,
        },
      },
      async (request, reply) => {
        await audit.record(request, 'export-audit');
        const { from, until } = request.query as { from?: string; until?: string };
        const span = { from: from ? new Date(from) : null, until: until ? new Date(until) : null };
        const pages = auditPages(deps, span);
        return download(reply, `pce-audit.${form}`, type, form === 'csv' ? csv(pages, AUDIT_COLUMNS) : ndjson(pages));
      },
    );
  }
  app.get(
    `${WORKLIST_BASE}/api/deliveries.csv`,
    {
      config: { permission: 'see-monitoring' },
      schema: { summary: 'Deliveries as CSV, newest first', tags: ['monitoring'], querystring: DeliveryQuerySchema },
    },
    async (request, reply) => {
      const pages = deliveryPages(deps, filterOf(request.query as DeliveryQuery));
      return download(reply, 'pce-deliveries.csv', CSV, csv(pages, DELIVERY_COLUMNS));
    },
  );
}

function download(reply: FastifyReply, name: string, type: string, texts: AsyncIterable<string>): FastifyReply {
  return reply.header('content-disposition', `attachment; filename="${name}"`).type(type).send(Readable.from(texts));
}

async function* auditPages({ ledger }: WorklistDeps, span: AuditSpan): AsyncGenerator<AuditEvent[]> {
  let last: AuditEvent | undefined;
  do {
    const page = await ledger.access.auditPage(span, last ?? null, PAGE_ROWS);
    last = page.at(-1);
    yield page;
  } while (last);
}

async function* deliveryPages({ ledger }: WorklistDeps, filter: DeliveryFilter) {
  let before: readonly Delivery[] = [];
  for (let offset = 0; offset === 0 || before.length > 0; offset += PAGE_ROWS) {
    const page = await ledger.deliveries.searchDeliveries(filter, PAGE_ROWS, offset);
    // What was planned meanwhile moves the rest back, so that some come twice.
    const known = new Set(before.map(({ deliveryId }) => deliveryId));
    yield page
      .filter(({ deliveryId }) => !known.has(deliveryId))
      .map((one) => ({ ...deliveryView(one, null), studyInstanceUid: one.studyInstanceUid, resultId: one.resultId }));
    before = page;
  }
}

/** What a spreadsheet would take for a formula is kept from it. */
async function* csv<Row>(pages: AsyncIterable<Row[]>, columns: readonly (keyof Row & string)[]) {
  yield stringify([[...columns]]);
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    yield stringify(rows, { columns: [...columns], escape_formulas: true, cast: { date: (at) => at.toISOString() } });
  }
}

async function* ndjson(pages: AsyncIterable<object[]>) {
  for await (const rows of pages) {
    if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
}
