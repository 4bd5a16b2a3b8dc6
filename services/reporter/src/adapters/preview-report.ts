import type { DestinationConfig } from '../config-schema.js';
import { destinationsOf, planDeliveries } from '../core/plan-report.js';
import type { ReportObject } from '../core/report-object.js';
import { buildMessage } from './build-message.js';
import { buildReport, type ReportMaterial } from './build-report.js';

/** What would be sent of a study's current result, and to whom. */
export interface ReportPreview {
  resultId: string;
  deliveries: {
    destination: string;
    /** Why nothing would be sent; null: it would. */
    skipped: string | null;
    objects: { kind: string; sopClassUid: string; sopInstanceUid: string; byteLength: number }[];
    message: string | null;
  }[];
  /** The objects' whole files, each once. */
  files: ReportObject[];
}

/** Builds what would be sent, and neither stores nor sends it. Null when the study has no result to report. */
export async function previewReport(
  studyInstanceUid: string,
  destinations: readonly DestinationConfig[],
  material: ReportMaterial,
): Promise<ReportPreview | null> {
  const ofStudy = await material.results.resultsOfStudy(studyInstanceUid);
  const found = ofStudy.find(({ supersededBy }) => supersededBy === null);
  if (!found || found.result.outcome.kind === 'not-applicable') return null;
  const { chosen } = destinationsOf(found.destinations, destinations);
  const report = await buildReport(found, chosen, material);
  const plans = planDeliveries(found.result, report.objects, chosen, (one) => buildMessage(one, chosen, found, report));
  return {
    resultId: found.resultId,
    deliveries: plans.map(({ destination, skipped, objects, message }) => ({
      destination,
      skipped,
      message,
      objects: report.objects
        .filter(({ sopInstanceUid }) => objects.includes(sopInstanceUid))
        .map(({ kind, sopClassUid, sopInstanceUid, bytes }) => ({
          kind,
          sopClassUid,
          sopInstanceUid,
          byteLength: bytes.length,
        })),
    })),
    files: [...report.objects],
  };
}
