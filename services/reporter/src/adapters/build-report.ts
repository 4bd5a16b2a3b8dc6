import type { DeliveryLedger } from '@pce/shared/ports/delivery-ledger';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { Ledger } from '@pce/shared/ports/ledger';
import type { LedgerResult, ResultLedger } from '@pce/shared/ports/result-ledger';
import type { DeviceIdentity, PredecessorDocument, ReportContext } from '../core/report-context.js';
import type { ReportObject, ReportObjectKind } from '../core/report-object.js';
import { buildReportObjects } from '../core/report-objects.js';
import { readSourceHeaders } from './source-headers.js';

/** Where a report's material is. */
export interface ReportMaterial {
  store: InstanceStore;
  ledger: Ledger;
  results: ResultLedger;
  deliveries: DeliveryLedger;
  device: DeviceIdentity;
}

/** Kinds of objects that are structured reports, whose predecessors a newer one names. */
const REPORT_KINDS: readonly string[] = ['sr', 'sr-comprehensive'];

/** Makes the objects of a result from what is held: the same ones whenever it is done. Nothing is stored. */
export async function buildReport(
  found: LedgerResult,
  kinds: ReadonlySet<ReportObjectKind>,
  material: ReportMaterial,
): Promise<readonly ReportObject[]> {
  const { results, device } = material;
  const context: ReportContext = {
    analysedAt: found.analysedAt,
    device,
    predecessors: await predecessorsOf(found, material),
  };
  return buildReportObjects({
    result: found.result,
    datasets: await readSourceHeaders(found.result, kinds, material),
    keyPictures:
      kinds.has('secondary-capture') || kinds.has('encapsulated-pdf') ? await results.pictures(found.resultId) : [],
    context,
    kinds,
  });
}

/**
 * The reports this one replaces: those of the study's last reported result. Which that is cannot change any more: a
 * result that was superseded before it was reported never is.
 */
async function predecessorsOf(
  found: LedgerResult,
  { results, deliveries }: ReportMaterial,
): Promise<PredecessorDocument[]> {
  const earlier = (await results.resultsOfStudy(found.studyInstanceUid)).find(
    (other) => other.resultId !== found.resultId && other.isReported && other.recordedAt <= found.recordedAt,
  );
  if (!earlier) return [];
  const objects = await deliveries.objectsOfResult(earlier.resultId);
  const [first] = REPORT_KINDS.flatMap((kind) => objects.filter((object) => object.kind === kind));
  return first ? [first] : [];
}
