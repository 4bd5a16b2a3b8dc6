import type { Finding } from '@pce/shared/contracts/finding';
import type { ExamPart, StudyResult } from '@pce/shared/contracts/study-result';
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

function aboutPart(part: ExamPart): string[] {
  if (part.outcome.kind === 'not-analysable') {
    return [`${part.modality} series could not be analysed: ${part.outcome.reason.message}`];
  }
  return part.outcome.kind === 'analysed' ? [technique(part)] : [];
}

function summary(emboli: readonly Finding[]): string {
  const suspected = emboli.filter((finding) => finding.assessment === 'suspected').length;
  const indeterminate = emboli.filter((finding) => finding.assessment === 'indeterminate').length;
  const words = [];
  if (suspected > LARGEST_EXACT_COUNT) words.push(`Numerous suspected cement emboli: ${suspected} marked.`);
  else if (suspected > 0) words.push(`${plural(suspected, 'suspected cement embolus', 'suspected cement emboli')}.`);
  if (indeterminate > 0) {
    words.push(`${plural(indeterminate, 'mark', 'marks')} that cannot be decided (indeterminate).`);
  }
  return words.length > 0 ? words.join(' ') : 'No cement embolus suspected.';
}

/** What the exam group says in words: result, technique, limits, advice and what the software is. */
export function examComments(result: StudyResult): string[] {
  const { outcome, parts } = result;
  const about = parts.flatMap(aboutPart);
  if (outcome.kind !== 'analysed') {
    return [`Not analysable: ${outcome.reason.message}`, ...about, RESEARCH_NOTICE];
  }
  const emboli = outcome.findings.filter((finding) => finding.kind === 'pulmonary-cement-embolism');
  const shown = emboli.filter((finding) => finding.assessment !== 'candidate');
  const hasCt = parts.some((part) => part.modality === 'CT' && part.outcome.kind === 'analysed');
  return [
    summary(emboli),
    ...about,
    ...outcome.quality.remarks,
    ...(shown.length > 0 && !hasCt ? [CT_RECOMMENDED] : []),
    RESEARCH_NOTICE,
  ];
}

/** What a finding's group says in words. */
export function findingComments(finding: Finding): string[] {
  const { peakHu, peakIsClipped } = finding.measurements;
  const clipped = peakHu !== null && peakIsClipped;
  return [
    ...(finding.reasons.length > 0 ? [finding.reasons.join('; ')] : []),
    ...(clipped
      ? [`Attenuation is at least ${roundTo(peakHu, 0)} HU: clipped at the end of the CT number scale.`]
      : []),
  ];
}
