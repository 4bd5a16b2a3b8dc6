import { createHash } from 'node:crypto';
import type { Finding } from '@pce/shared/contracts/finding';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { ReportContext } from './report-context.js';

/** What a UID is made for. The 3D report and its fallback are two objects with two UIDs. */
type ObjectKind =
  | 'comprehensive-3d'
  | 'comprehensive'
  | 'presentation-state'
  | 'secondary-capture'
  | 'segmentation'
  | 'key-object'
  | 'encapsulated-pdf';
export type OutputKind = ObjectKind | `${ObjectKind}-series`;

/** Raise it whenever the same result would be written differently: one UID must never name two contents. */
const REPORT_FORMAT = 'report-format-2';

/** Edge of the cell an embolus is tracked by on CT, in mm. [design]: wider than its movement between two versions of the detector. */
const TRACKING_CELL_MM = 10;
/** The same on films, in pixels. [design] */
const TRACKING_CELL_PX = 32;

/**
 * A `2.25.` UID from the given parts: the head of their SHA-256 with the version and variant bits of a
 * name-based (version 8, custom) UUID.
 *
 * Source: PS3.5 section B.2, RFC 9562 section 5.8
 */
export function uidFromParts(parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${digest.subarray(0, 16).toString('hex')}`)}`;
}

/** Everything that can change what is written about a study, less the clock. */
function resultParts(result: StudyResult): string[] {
  const { algorithm } = result;
  const sources = result.parts.flatMap((part) => part.images.map((image) => image.sopInstanceUid)).sort();
  return [
    REPORT_FORMAT,
    result.studyInstanceUid,
    ...new Set(sources),
    result.instanceSetDigest,
    algorithm.name,
    algorithm.version,
    algorithm.parametersDigest,
    String(algorithm.reportAbove),
  ];
}

/**
 * UID of an output object or its series: equal results give equal UIDs, so doing a job twice makes no second report.
 *
 * @param result the study's result
 * @param context a series description of a destination's own is in every object made for it, and so in its UIDs
 * @param kind which object
 * @param distinguishing what else goes into the object, such as the UIDs of the reports it replaces
 */
export function outputUid(
  result: StudyResult,
  { seriesDescription }: Pick<ReportContext, 'seriesDescription'>,
  kind: OutputKind,
  distinguishing: readonly string[] = [],
): string {
  const described = seriesDescription === undefined ? [] : ['series-description', seriesDescription];
  return uidFromParts(['output', kind, ...resultParts(result), ...described, ...distinguishing]);
}

/** UID of the algorithm as trained: a new model or parameter set is a new device. Source: IHE AIR, Contributing Equipment. */
export function algorithmDeviceUid(result: StudyResult): string {
  const { name, version, parametersDigest } = result.algorithm;
  return uidFromParts(['algorithm', name, version, parametersDigest]);
}

/** UID of a machine, for installations that have none of their own. */
export function deviceObserverUid(manufacturer: string, modelName: string, serialNumber: string): string {
  return uidFromParts(['device', manufacturer, modelName, serialNumber]);
}

/** Tracking UID of the exam group: one per study. */
export function examTrackingUid(studyInstanceUid: string): string {
  return uidFromParts(['tracking', studyInstanceUid, 'exam']);
}

/** Where a finding is: three coordinates on CT, two on a film. */
function position(finding: Finding): { frame: string; point: number[]; cell: number } {
  if (finding.centreLpsMm) return { frame: 'lps', point: finding.centreLpsMm, cell: TRACKING_CELL_MM };
  const { image, pointsPx } = finding.regions[0]!;
  const mean = (axis: 0 | 1) => pointsPx.reduce((sum, point) => sum + point[axis], 0) / pointsPx.length;
  return { frame: image.sopInstanceUid, point: [mean(0), mean(1)], cell: TRACKING_CELL_PX };
}

function comparePoints(a: readonly number[], b: readonly number[]): number {
  for (let axis = 0; axis < a.length; axis++) {
    if (a[axis] !== b[axis]) return a[axis]! - b[axis]!;
  }
  return 0;
}

/**
 * Tracking UIDs of findings, which name the embolus and not the report: from the study, the kind of finding and
 * the cell of a coarse grid its centre lies in; findings that share a cell are told apart by their order along x,
 * then y, then z. A re-run that moves a centre over a cell's edge gives a new UID: it is then a new finding to readers.
 *
 * @returns one UID per finding; all different
 */
export function findingTrackingUids(studyInstanceUid: string, findings: readonly Finding[]): Map<Finding, string> {
  const placed = findings.map((finding) => ({ finding, ...position(finding) }));
  placed.sort((a, b) => comparePoints(a.point, b.point) || a.finding.id - b.finding.id);
  const seen = new Map<string, number>();
  return new Map(
    placed.map(({ finding, frame, point, cell }) => {
      const address = [finding.kind, frame, ...point.map((value) => String(Math.round(value / cell)))];
      const ordinal = seen.get(address.join()) ?? 0;
      seen.set(address.join(), ordinal + 1);
      return [finding, uidFromParts(['tracking', studyInstanceUid, ...address, String(ordinal)])];
    }),
  );
}
