import type { Dataset } from '@pce/shared/dicom/dataset';

/** What a report says of one thing it found. */
export interface ReportedMark {
  readonly kind: string;
  /** 0..1; 1 where the report states none. */
  readonly probability: number;
  /** Whether it is stated as present: an alarm. */
  readonly isPresent: boolean;
  readonly sopInstanceUid: string | null;
  /** [column, row] pairs. Source: PS3.3 C.18.6.1. */
  readonly pointsPx: readonly (readonly [number, number])[];
  readonly side: string | null;
  readonly zone: string | null;
  readonly shape: string | null;
  readonly lengthMm: number | null;
  readonly calibreMm: number | null;
}

/** What a report says of an exam. */
export interface ReportedExam {
  readonly studyInstanceUid: string;
  /** A report without a statement counts as present when it marks an embolus as present. */
  readonly presence: 'present' | 'absent' | 'undetermined';
  /** Probability of presence: of the statement, else of the surest mark. */
  readonly probability: number;
  readonly marks: readonly ReportedMark[];
}

/** Codes looked for, as scheme and value. Source: PS3.16 TID 1500, 1410, 1419; docs/conformance-statement.md. */
const CODE = {
  group: 'DCM 125007',
  trackingIdentifier: 'DCM 112039',
  finding: 'DCM 121071',
  certainty: 'DCM 111012',
  region: 'DCM 111030',
  site: 'SCT 363698007',
  laterality: 'SCT 272741003',
  topography: 'SCT 106233006',
  length: 'SCT 410668003',
  diameter: 'SCT 81827009',
  shape: 'SCT 300842002',
} as const;

const PRESENCE: Readonly<Record<string, ReportedExam['presence']>> = {
  'SCT 52101004': 'present',
  'SCT 272519000': 'absent',
  'SCT 373068000': 'undetermined',
};
/** What a finding code stands for; anything else counts as an embolus, so that other products' codes are read. */
const NOT_AN_EMBOLUS: Readonly<Record<string, string>> = {
  '99PCE PCE-201': 'venous-cement-leak',
  '99PCE PCE-202': 'vertebral-cement',
};
const SIDE: Readonly<Record<string, string>> = { 'SCT 24028007': 'right', 'SCT 7771000': 'left' };
const ZONE: Readonly<Record<string, string>> = {
  'SCT 281392002': 'upper',
  'SCT 281393007': 'middle',
  'SCT 281394001': 'lower',
};
const EMBOLISM = 'pulmonary-cement-embolism';

/**
 * Reads what a structured report after TID 1500 says: ours, or another product's.
 *
 * @returns null for what is no structured report
 */
export function readReport(report: Dataset): ReportedExam | null {
  const studyInstanceUid = report.string('StudyInstanceUID');
  if (report.string('Modality') !== 'SR' || studyInstanceUid === undefined) return null;
  const groups = groupsOf(report);
  const marks = groups.filter((group) => child(group, CODE.region) !== null).map(readMark);
  const exam = groups.find((group) => child(group, CODE.region) === null && statedPresence(group) !== null);
  const emboli = marks.filter((mark) => mark.kind === EMBOLISM);
  const surest = Math.max(0, ...emboli.map((mark) => mark.probability));
  if (!exam) {
    const isPresent = emboli.some((mark) => mark.isPresent);
    return { studyInstanceUid, presence: isPresent ? 'present' : 'absent', probability: surest, marks };
  }
  const presence = statedPresence(exam)!;
  const stated = percentOf(exam);
  const probability = stated === null ? surest : presence === 'absent' ? 1 - stated : stated;
  return { studyInstanceUid, presence, probability, marks };
}

function groupsOf(item: Dataset): Dataset[] {
  return item
    .items('ContentSequence')
    .flatMap((content) => (nameOf(content) === CODE.group ? [content] : groupsOf(content)));
}

function readMark(group: Dataset): ReportedMark {
  const region = child(group, CODE.region)!;
  const image = region.items('ContentSequence')[0]?.items('ReferencedSOPSequence')[0];
  const numbers = region.numbers('GraphicData');
  const pointsPx: [number, number][] = [];
  for (let n = 0; n + 1 < numbers.length; n += 2) pointsPx.push([numbers[n]!, numbers[n + 1]!]);
  const finding = child(group, CODE.finding);
  const site = child(group, CODE.site);
  const probability = percentOf(group) ?? 1;
  return {
    kind: (finding && NOT_AN_EMBOLUS[codeIn(finding)]) ?? EMBOLISM,
    probability,
    isPresent: (statedPresence(group) ?? 'present') === 'present',
    sopInstanceUid: image?.string('ReferencedSOPInstanceUID') ?? null,
    pointsPx,
    side: lookUp(SIDE, site && child(site, CODE.laterality)),
    zone: lookUp(ZONE, site && child(site, CODE.topography)),
    shape: child(group, CODE.shape)?.items('ConceptCodeSequence')[0]?.string('CodeMeaning')?.toLowerCase() ?? null,
    lengthMm: numberOf(child(group, CODE.length)),
    calibreMm: numberOf(child(group, CODE.diameter)),
  };
}

/** The first item with a concept name. */
function child(item: Dataset, concept: string): Dataset | null {
  return item.items('ContentSequence').find((content) => nameOf(content) === concept) ?? null;
}

const codeOf = (code: Dataset | undefined): string =>
  code ? `${code.string('CodingSchemeDesignator') ?? ''} ${code.string('CodeValue') ?? ''}` : '';
const nameOf = (item: Dataset): string => codeOf(item.items('ConceptNameCodeSequence')[0]);
const codeIn = (item: Dataset): string => codeOf(item.items('ConceptCodeSequence')[0]);
const lookUp = (table: Readonly<Record<string, string>>, item: Dataset | null): string | null =>
  (item && table[codeIn(item)]) ?? null;

function numberOf(item: Dataset | null): number | null {
  return item?.items('MeasuredValueSequence')[0]?.number('NumericValue') ?? null;
}

function percentOf(group: Dataset): number | null {
  const percent = numberOf(child(group, CODE.certainty));
  return percent === null ? null : percent / 100;
}

function statedPresence(group: Dataset): ReportedExam['presence'] | null {
  for (const item of group.items('ContentSequence')) {
    const presence = PRESENCE[codeIn(item)];
    if (presence) return presence;
  }
  return null;
}
