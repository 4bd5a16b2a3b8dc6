import type { Dataset } from '@pce/shared/dicom/dataset';
import type { DeliveryLedger } from '@pce/shared/ports/delivery-ledger';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { Ledger } from '@pce/shared/ports/ledger';
import type { LedgerResult, ResultLedger } from '@pce/shared/ports/result-ledger';
import type { DestinationConfig } from '../config-schema.js';
import { ReportError } from '../core/measurement-report.js';
import { objectsFor } from '../core/plan-report.js';
import type { PriorComparison } from '../core/prior-exam.js';
import type { DeviceIdentity, ReportContext } from '../core/report-context.js';
import type { ReportObject, ReportObjectKind } from '../core/report-object.js';
import { buildReportObjects } from '../core/report-objects.js';
import { findPriors, lookUpPriors } from './find-priors.js';
import type { OwnObjects } from './own-objects.js';
import type { PriorLookup } from './prior-lookup.js';
import { readSourceHeaders } from './source-headers.js';

/** Where a report's material is. */
export interface ReportMaterial {
  store: InstanceStore;
  ledger: Ledger;
  results: ResultLedger;
  deliveries: DeliveryLedger;
  objects: OwnObjects;
  device: DeviceIdentity;
  priorLookup: PriorLookup;
}

/** The objects of a result that share a series description, and what they were made of. */
export interface ReportVersion {
  objects: readonly ReportObject[];
  context: ReportContext;
  prior: PriorComparison;
}

/** The objects of a result, and what they were made of. */
export interface BuiltReport {
  objects: readonly ReportObject[];
  /** By series description; undefined is the usual one. */
  versions: ReadonlyMap<string | undefined, ReportVersion>;
  datasets: ReadonlyMap<string, Dataset>;
}

/** Kinds that show pictures. */
const PICTURED: readonly ReportObjectKind[] = ['secondary-capture', 'encapsulated-pdf'];

/**
 * Makes the objects of a result for its destinations from what is held, and from what archives have of the patient:
 * the same ones whenever it is done with the same answers. Nothing is stored.
 */
export async function buildReport(
  found: LedgerResult,
  chosen: readonly DestinationConfig[],
  material: ReportMaterial,
): Promise<BuiltReport> {
  const wanted = objectsFor(chosen);
  const kinds = new Set([...wanted.values()].flatMap((ofVersion) => [...ofVersion]));
  const datasets = await readSourceHeaders(found.result, kinds, material);
  const [source] = datasets.values();
  if (!source) throw new ReportError('source images', 'the header of at least one', 'none');
  const lookup = await lookUpPriors(found, source, material);
  const isPictured = PICTURED.some((kind) => kinds.has(kind));
  const keyPictures = isPictured ? await material.results.pictures(found.resultId) : [];
  const versions = new Map<string | undefined, ReportVersion>();
  for (const [seriesDescription, ofVersion] of wanted) {
    const { comparison: prior, replaced } = await findPriors(found, source, lookup, seriesDescription, material);
    const context: ReportContext = {
      analysedAt: found.analysedAt,
      device: material.device,
      predecessors: replaced,
      ...(seriesDescription === undefined ? {} : { seriesDescription }),
    };
    const { result } = found;
    const objects = await buildReportObjects({ result, datasets, keyPictures, context, kinds: ofVersion, prior });
    versions.set(seriesDescription, { objects, context, prior });
  }
  return { objects: [...versions.values()].flatMap(({ objects }) => objects), versions, datasets };
}
