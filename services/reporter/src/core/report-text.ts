import type { Assessment, Finding, FindingKind } from '@pce/shared/contracts/finding';
import type { ExamPart, StudyResult } from '@pce/shared/contracts/study-result';
import { countEmboli, type EmbolusCount } from './count-emboli.js';
import { roundTo } from './decimal-string.js';

/** Most emboli that are counted for the reader; above it the report also says "numerous". Source: clinical.md, 10.3174/ajnr.a2368. */
export const LARGEST_EXACT_COUNT = 12;

export const RESEARCH_NOTICE =
  'Research software, not for clinical use. Automatic analysis, not verified by a physician.';

export const CT_RECOMMENDED = 'Finding on a radiograph: CT recommended to confirm or exclude it.';

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function technique(part: ExamPart): string {
  const images = plural(part.images.length, 'image', 'images');
  if (part.modality !== 'CT') return `Analysed: ${part.modality} radiograph, ${images}.`;
  const spacing = part.sliceSpacingMm === null ? 'unknown' : `${roundTo(part.sliceSpacingMm, 2)} mm`;
  const thickness = part.sliceThicknessMm === null ? 'unknown' : `${roundTo(part.sliceThicknessMm, 2)} mm`;
  return `Analysed: CT series, ${images}, slice spacing ${spacing}, slice thickness ${thickness}.`;
}

function aboutPart(part: ExamPart, reasonOfStudy: string | null): string[] {
  if (part.outcome.kind === 'analysed') return [technique(part)];
  if (part.outcome.kind === 'not-applicable' || part.outcome.reason.message === reasonOfStudy) return [];
  return [`${part.modality} series not analysable: ${part.outcome.reason.message}`];
}

/** "2 emboli", or "at least 1 embolus (2 marks on 2 images)" where one embolus may be marked on several. */
function suspectedInWords({ marks, emboli, views }: EmbolusCount): string {
  if (views > 1) {
    const least = emboli > LARGEST_EXACT_COUNT ? 'numerous emboli' : `at least ${plural(emboli, 'embolus', 'emboli')}`;
    return `${least} (${marks} marks on ${views} views, which may show the same one)`;
  }
  return emboli > LARGEST_EXACT_COUNT ? `numerous emboli (${emboli} marked)` : plural(emboli, 'embolus', 'emboli');
}

function summary(result: StudyResult): string {
  const suspected = countEmboli(result, 'suspected');
  const indeterminate = countEmboli(result, 'indeterminate').marks;
  const words = [
    suspected.marks > 0
      ? `Pulmonary cement embolism suspected: ${suspectedInWords(suspected)}.`
      : 'No pulmonary cement embolus suspected.',
  ];
  if (indeterminate > 0) words.push(`${plural(indeterminate, 'mark', 'marks')} that cannot be decided.`);
  return words.join(' ');
}

/** What the exam group says in words: result, technique, limits, advice and what the software is. */
export function examComments(result: StudyResult): string[] {
  const { outcome, parts } = result;
  if (outcome.kind !== 'analysed') {
    const reason = outcome.reason.message;
    return [`Not analysable: ${reason}`, ...parts.flatMap((part) => aboutPart(part, reason)), RESEARCH_NOTICE];
  }
  const emboli = outcome.findings.filter((finding) => finding.kind === 'pulmonary-cement-embolism');
  const hasMark = emboli.some((finding) => finding.assessment !== 'candidate');
  const hasCt = parts.some((part) => part.modality === 'CT' && part.outcome.kind === 'analysed');
  return [
    summary(result),
    ...parts.flatMap((part) => aboutPart(part, null)),
    ...outcome.quality.remarks,
    ...(hasMark && !hasCt ? [CT_RECOMMENDED] : []),
    RESEARCH_NOTICE,
  ];
}

const KIND_IN_WORDS = {
  'pulmonary-cement-embolism': 'cement embolus',
  'venous-cement-leak': 'venous leak of cement',
  'vertebral-cement': 'vertebral cement',
} as const satisfies Record<FindingKind, string>;

const ASSESSMENT_IN_WORDS = {
  suspected: 'Suspected',
  indeterminate: 'Indeterminate',
  candidate: 'Below the operating point:',
} as const satisfies Record<Assessment, string>;

const withSpaces = (name: string): string => name.replaceAll('-', ' ');

/** "right lower lobe, segmental or smaller artery"; viewers often hide the coded site. */
function place({ site, side, lobe, zone, arteryLevel }: Finding): string {
  const words = [];
  if (site !== 'pulmonary-artery' && site !== 'lung') words.push(withSpaces(site));
  if (lobe) words.push(`${withSpaces(lobe)} lobe`);
  else if (side || zone) words.push([side, zone && `${zone} zone`].filter(Boolean).join(' '));
  if (arteryLevel) words.push(`${withSpaces(arteryLevel)} pulmonary artery`);
  return words.join(', ');
}

function findingSummary(finding: Finding): string {
  const what = `${ASSESSMENT_IN_WORDS[finding.assessment]} ${KIND_IN_WORDS[finding.kind]}`;
  const where = place(finding);
  return where === '' ? `${what}.` : `${what}, ${where}.`;
}

/** What a finding's group says in words. */
export function findingComments(finding: Finding): string[] {
  const { peakHu, peakIsClipped } = finding.measurements;
  const clipped = peakHu !== null && peakIsClipped;
  return [
    findingSummary(finding),
    ...(finding.reasons.length > 0 ? [finding.reasons.join('; ')] : []),
    ...(clipped
      ? [`Attenuation is at least ${roundTo(peakHu, 0)} HU: clipped at the end of the CT number scale.`]
      : []),
  ];
}
