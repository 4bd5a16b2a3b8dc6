import type { Delivery, ReportedObject } from '@pce/shared/ports/delivery-ledger';
import type { LedgerResult } from '@pce/shared/ports/result-ledger';

/** One line of proof: an object or a message, the result it came from, and what became of it at one destination. */
export interface DeliveryRow {
  studyInstanceUid: string;
  resultId: string;
  /** SHA-256 over the instances that were analysed. */
  instanceSetDigest: string;
  algorithm: string;
  algorithmVersion: string;
  parametersDigest: string;
  outcome: string;
  destination: string;
  state: string;
  plannedAt: string;
  settledAt: string;
  attempts: number;
  /** Kind of object, or "message". */
  sent: string;
  sopInstanceUid: string;
  objectState: string;
  /** Last status the receiver gave, hexadecimal for DIMSE's sake. */
  status: string;
  reason: string;
  deliveryId: string;
}

/** The lines of a delivery: one for each object, or one for its message. */
export function deliveryRows(
  delivery: Delivery,
  { result }: Pick<LedgerResult, 'result'>,
  made: readonly ReportedObject[],
): DeliveryRow[] {
  const { algorithm, outcome, instanceSetDigest } = result;
  const common = {
    studyInstanceUid: delivery.studyInstanceUid,
    resultId: delivery.resultId,
    instanceSetDigest,
    algorithm: algorithm.name,
    algorithmVersion: algorithm.version,
    parametersDigest: algorithm.parametersDigest,
    outcome: outcome.kind === 'analysed' ? outcome.presence : outcome.kind,
    destination: delivery.destination,
    state: delivery.state,
    plannedAt: delivery.plannedAt.toISOString(),
    settledAt: delivery.settledAt?.toISOString() ?? '',
    attempts: delivery.attempts,
  };
  const end = { reason: delivery.reason ?? '', deliveryId: delivery.deliveryId };
  if (delivery.objects.length === 0) {
    const sent = delivery.message === null ? 'nothing' : 'message';
    return [{ ...common, sent, sopInstanceUid: '', objectState: '', status: '', ...end }];
  }
  return delivery.objects.map(({ sopInstanceUid, state, status }) => ({
    ...common,
    sent: made.find((object) => object.sopInstanceUid === sopInstanceUid)?.kind ?? 'object',
    sopInstanceUid,
    objectState: state,
    status: status === null ? '' : `0x${status.toString(16).padStart(4, '0')}`,
    ...end,
  }));
}
