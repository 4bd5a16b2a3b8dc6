import { type Finding, type FindingKind, LOBES, ZONES } from '@pce/shared/contracts/finding';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { isUid } from '@pce/shared/dicom/uid';
import { cleanLine, cutText } from './clean-text.js';
import {
  ASSESSMENT_CODE,
  CONCEPT,
  type Code,
  FINDING_CODE,
  LOBE_CODE,
  SIDE_CODE,
  SUMMARY_CODE,
  ZONE_CODE,
} from './codes.js';
import type { PriorExam, PriorFinding } from './prior-exam.js';

/** Characters of a tracking identifier; ours have some ten. [design] */
const LONGEST_NAME = 64;

const isCode = (item: Dataset | undefined, { value, scheme }: Code): boolean =>
  item?.string('CodeValue') === value && item.string('CodingSchemeDesignator') === scheme;

const children = (item: Dataset, concept: Code): Dataset[] =>
  item.items('ContentSequence').filter((child) => isCode(child.items('ConceptNameCodeSequence')[0], concept));

const codeOf = (item: Dataset, concept: Code): Dataset | undefined =>
  children(item, concept)[0]?.items('ConceptCodeSequence')[0];

/** A name: an archive may hold what is no report of ours, and odd. */
const nameOf = (item: Dataset, concept: Code): string =>
  cutText(cleanLine(children(item, concept)[0]?.string('TextValue') ?? ''), LONGEST_NAME);

const numberOf = (item: Dataset, concept: Code): number | null =>
  children(item, concept)[0]?.items('MeasuredValueSequence')[0]?.number('NumericValue') ?? null;

/** The word of ours whose code an item has. */
function wordFor<K extends string>(item: Dataset | undefined, codes: Readonly<Record<K, Code>>, words: readonly K[]) {
  return words.find((word) => isCode(item, codes[word])) ?? null;
}

const KINDS = Object.keys(FINDING_CODE) as FindingKind[];
const SIDE_WORDS = ['right', 'left'] as const;

/** Where a finding was: side, and lobe or zone. A lobe's code is the same on both sides but for the middle one. */
function placeOf(group: Dataset): Pick<PriorFinding, 'side' | 'lobe' | 'zone'> {
  const [site] = children(group, CONCEPT.findingSite);
  if (!site) return { side: null, lobe: null, zone: null };
  const side = wordFor(codeOf(site, CONCEPT.laterality), SIDE_CODE, SIDE_WORDS);
  const modifier = codeOf(site, CONCEPT.topographicalModifier);
  const ownLobes = LOBES.filter((lobe) => lobe.startsWith(`${side}-`));
  return {
    side,
    lobe: wordFor(modifier, LOBE_CODE, ownLobes),
    zone: wordFor(modifier, ZONE_CODE, ZONES),
  };
}

/** Middle of the drawing, and the image it was drawn on. */
function onImage(group: Dataset): PriorFinding['onImage'] {
  const [region] = children(group, CONCEPT.imageRegion);
  const points = region?.numbers('GraphicData') ?? [];
  const uid = region
    ?.items('ContentSequence')[0]
    ?.items('ReferencedSOPSequence')[0]
    ?.string('ReferencedSOPInstanceUID');
  if (uid === undefined || points.length < 2) return null;
  const mean = (axis: 0 | 1) => {
    const values = points.filter((_, at) => at % 2 === axis);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return { sopInstanceUid: uid, centrePx: [mean(0), mean(1)] };
}

/** What the report's own result knows and the report does not say: the zone beside a lobe, and the place in space. */
function fromResult(trackingIdentifier: string, result: StudyResult | null): Partial<PriorFinding> {
  const findings = result?.outcome.kind === 'analysed' ? result.outcome.findings : [];
  const finding = findings.find(({ id }) => trackingIdentifier.endsWith(` ${id}`));
  if (!finding) return {};
  return { side: finding.side, lobe: finding.lobe, zone: finding.zone, position: positionOf(finding, result!) };
}

function positionOf(finding: Finding, { parts }: StudyResult): PriorFinding['position'] {
  const { seriesInstanceUid } = finding.regions[0]!.image;
  const part = parts.find((candidate) => candidate.seriesInstanceUid === seriesInstanceUid);
  if (!finding.centreLpsMm || !part?.frameOfReferenceUid) return null;
  return { frameOfReferenceUid: part.frameOfReferenceUid, centreLpsMm: finding.centreLpsMm };
}

function findingOf(group: Dataset, result: StudyResult | null): PriorFinding[] {
  const kind = wordFor(codeOf(group, CONCEPT.finding), FINDING_CODE, KINDS);
  const trackingUid = children(group, CONCEPT.trackingUniqueIdentifier)[0]?.string('UID') ?? '';
  const trackingIdentifier = nameOf(group, CONCEPT.trackingIdentifier);
  if (kind === null || !isUid(trackingUid) || children(group, CONCEPT.imageRegion).length === 0) return [];
  return [
    {
      kind,
      isShown: !isCode(codeOf(group, CONCEPT.assessment), ASSESSMENT_CODE.candidate),
      trackingUid,
      trackingIdentifier,
      ...placeOf(group),
      lengthMm: numberOf(group, CONCEPT.length),
      calibreMm: numberOf(group, CONCEPT.diameter),
      position: null,
      onImage: onImage(group),
      ...fromResult(trackingIdentifier, result),
    },
  ];
}

/** What a report of ours says was analysed, by its image library. */
function modalitiesOf(report: Dataset): string[] {
  const library = children(report, CONCEPT.imageLibrary);
  const groups = library.flatMap((item) => children(item, CONCEPT.imageLibraryGroup));
  const words = groups.map((group) => codeOf(group, CONCEPT.modality)?.string('CodeValue') ?? '');
  return [...new Set(words.filter((word) => /^[A-Z0-9_ ]{1,16}$/.test(word)))];
}

/**
 * Reads one of our own reports back: what a later result is compared with, and the tracking UIDs it carries on. Works
 * on a stored report and on one fetched from a PACS alike.
 *
 * @param report the data set of the report
 * @param result the result it was made of, when it is at hand: it knows where in space the findings were
 * @returns null when it is no report of ours, or of an exam that could not be judged
 */
export function readPriorExam(report: Dataset, result: StudyResult | null = null): PriorExam | null {
  const identity = {
    studyInstanceUid: report.string('StudyInstanceUID') ?? '',
    seriesInstanceUid: report.string('SeriesInstanceUID') ?? '',
    sopClassUid: report.string('SOPClassUID') ?? '',
    sopInstanceUid: report.string('SOPInstanceUID') ?? '',
  };
  if (!isCode(report.items('ConceptNameCodeSequence')[0], CONCEPT.imagingMeasurementReport)) return null;
  if (!Object.values(identity).every(isUid)) return null;
  const [measurements] = children(report, CONCEPT.imagingMeasurements);
  const groups = measurements ? children(measurements, CONCEPT.measurementGroup) : [];
  const studyDate = report.string('StudyDate') ?? '';
  const summaries = groups.map((group) => codeOf(group, CONCEPT.findingsSummary)).filter((item) => item !== undefined);
  if (summaries.length !== 1 || isCode(summaries[0], SUMMARY_CODE.noneSucceeded)) return null;
  return {
    report: identity,
    studyDate: /^\d{8}$/.test(studyDate) ? studyDate : null,
    modalities: modalitiesOf(report),
    findings: groups.flatMap((group) => findingOf(group, result)),
  };
}
