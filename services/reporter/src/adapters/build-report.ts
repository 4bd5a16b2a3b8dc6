import type { Dataset } from '@pce/shared/dicom/dataset';
import type { DeliveryLedger } from '@pce/shared/ports/delivery-ledger';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { Ledger } from '@pce/shared/ports/ledger';
import type { LedgerResult, ResultLedger } from '@pce/shared/ports/result-ledger';
import { ReportError } from '../core/measurement-report.js';
import type { PriorComparison } from '../core/prior-exam.js';
import type { DeviceIdentity, ReportContext } from '../core/report-context.js';
import type { ReportObject, ReportObjectKind } from '../core/report-object.js';
import { buildReportObjects } from '../core/report-objects.js';
import { findPriors } from './find-priors.js';
import type { OwnObjects } from './own-objects.js';
import { readSourceHeaders } from './source-headers.js';

/** Where a report's material is. */
export interface ReportMaterial {
  store: InstanceStore;
  ledger: Ledger;
  results: ResultLedger;
  deliveries: DeliveryLedger;
  objects: OwnObjects;
  device: DeviceIdentity;
}

/** The objects of a result, and what they were made of. */
export interface BuiltReport {
  objects: readonly ReportObject[];
  datasets: ReadonlyMap<string, Dataset>;
  context: ReportContext;
  prior: PriorComparison;
}

/** Kinds that show pictures. */
const PICTURED: readonly ReportObjectKind[] = ['secondary-capture', 'encapsulated-pdf'];

/** Makes the objects of a result from what is held: the same ones whenever it is done. Nothing is stored. */
export async function buildReport(
  found: LedgerResult,
  kinds: ReadonlySet<ReportObjectKind>,
  material: ReportMaterial,
): Promise<BuiltReport> {
  const datasets = await readSourceHeaders(found.result, kinds, material);
  const [source] = datasets.values();
  if (!source) throw new ReportError('source images', 'the header of at least one', 'none');
  const { comparison, replaced } = await findPriors(found, source, material);
  const context: ReportContext = {
    analysedAt: found.analysedAt,
    device: material.device,
    predecessors: replaced ? [replaced] : [],
  };
  const isPictured = PICTURED.some((kind) => kinds.has(kind));
  const objects = await buildReportObjects({
    result: found.result,
    datasets,
    keyPictures: isPictured ? await material.results.pictures(found.resultId) : [],
    context,
    kinds,
    prior: comparison,
  });
  return { objects, datasets, context, prior: comparison };
}
