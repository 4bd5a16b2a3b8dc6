import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import type { DeliveryAttempt, DeliveryFilter, DeliveryState, ReportedObject } from '@pce/shared/ports/delivery-ledger';
import { stringify } from 'csv-stringify/sync';
import { type DeliveryRow, deliveryRows } from '../core/delivery-table.js';

/** States a delivery can have, for filters. */
export const DELIVERY_STATES = [
  'waiting',
  'awaiting-commitment',
  'delivered',
  'failed',
  'cancelled',
  'skipped',
] as const satisfies readonly DeliveryState[];

/** Columns of the export, in order. */
const COLUMNS = [
  'studyInstanceUid',
  'resultId',
  'instanceSetDigest',
  'algorithm',
  'algorithmVersion',
  'parametersDigest',
  'outcome',
  'destination',
  'state',
  'plannedAt',
  'settledAt',
  'attempts',
  'sent',
  'sopInstanceUid',
  'objectState',
  'status',
  'reason',
  'deliveryId',
] as const satisfies readonly (keyof DeliveryRow)[];

/** Deliveries with what they delivered, newest first: `limit` counts deliveries, each of which may have several rows. */
export async function readDeliveryRows(
  { results, deliveries }: SqlLedger,
  filter: DeliveryFilter,
  limit: number,
  offset: number,
): Promise<DeliveryRow[]> {
  const rows: DeliveryRow[] = [];
  for (const delivery of await deliveries.searchDeliveries(filter, limit, offset)) {
    const found = await results.findResult(delivery.resultId);
    if (found) rows.push(...deliveryRows(delivery, found, await deliveries.objectsOfResult(delivery.resultId)));
  }
  return rows;
}

/** Rows as CSV with a header line. */
export function deliveriesCsv(rows: readonly DeliveryRow[]): string {
  return stringify([...rows], { header: true, columns: [...COLUMNS] });
}

/** The whole way of a study: what came in, what it was analysed to, what was made of that and where it went. */
export interface StudyTrace {
  studyInstanceUid: string;
  received: { sopInstanceUid: string; receivedAt: Date; door: string; sender: string; sha256: string }[];
  results: {
    resultId: string;
    instanceSetDigest: string;
    algorithm: { name: string; version: string; parametersDigest: string };
    supersededBy: string | null;
    objects: ReportedObject[];
    deliveries: { rows: DeliveryRow[]; attempts: DeliveryAttempt[] }[];
  }[];
}

/** Follows a study through the ledger. */
export async function traceStudy(ledger: SqlLedger, studyInstanceUid: string): Promise<StudyTrace> {
  const instances = (await ledger.instancesOfStudy(studyInstanceUid)).filter((instance) => !instance.isOwnResult);
  const results: StudyTrace['results'] = [];
  for (const found of await ledger.results.resultsOfStudy(studyInstanceUid)) {
    const objects = await ledger.deliveries.objectsOfResult(found.resultId);
    const ofResult = await ledger.deliveries.searchDeliveries({ resultId: found.resultId }, 1000, 0);
    const traced = ofResult.map(async (delivery) => ({
      rows: deliveryRows(delivery, found, objects),
      attempts: await ledger.deliveries.attempts(delivery.deliveryId),
    }));
    const { name, version, parametersDigest } = found.result.algorithm;
    results.push({
      resultId: found.resultId,
      instanceSetDigest: found.result.instanceSetDigest,
      algorithm: { name, version, parametersDigest },
      supersededBy: found.supersededBy,
      objects,
      deliveries: await Promise.all(traced),
    });
  }
  const received = instances.map(({ sopInstanceUid, receivedAt, source, sha256 }) => ({
    sopInstanceUid,
    receivedAt,
    ...source,
    sha256,
  }));
  return { studyInstanceUid, received, results };
}
