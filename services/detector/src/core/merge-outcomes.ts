import { type Analysed, type ExamOutcome, QUALITIES, type Quality } from '@pce/shared/contracts/exam-outcome';
import { FINDING_KINDS, type Finding } from '@pce/shared/contracts/finding';
import { mostUrgent } from './classify/urgency.js';
import { notApplicable } from './volume/reason.js';

/** The parts of a study taken together. */
export interface MergedOutcome {
  /** Each part's outcome, its findings numbered as in the study. */
  readonly parts: readonly ExamOutcome[];
  readonly outcome: ExamOutcome;
  /** For each part, its findings as numbered in the study by their number in the part. */
  readonly findings: readonly ReadonlyMap<number, Finding>[];
}

/**
 * Takes the outcomes of a study's parts together: what one part shows counts for the study. Present wins, then
 * undetermined, then absent; a part that could not be judged limits the quality, and decides only where nothing else
 * was analysed. Findings are numbered afresh, by kind and falling probability.
 */
export function mergeOutcomes(parts: readonly ExamOutcome[]): MergedOutcome {
  const numberOf = numberFindings(parts);
  const renumbered = parts.map((part) => renumberFindings(part, numberOf));
  const numbered = parts.map((part, index) => withFindings(part, renumbered[index]!));
  const analysed = numbered.filter((part) => part.kind === 'analysed');
  if (analysed.length === 0) return { parts: numbered, outcome: worstRefusal(numbered), findings: renumbered };
  const outcome: Analysed = {
    kind: 'analysed',
    presence: mergePresence(analysed),
    probability: Math.max(...analysed.map((part) => part.probability)),
    suggestedUrgency: mostUrgent(analysed.map((part) => part.suggestedUrgency)),
    quality: mergeQuality(numbered),
    findings: analysed.flatMap((part) => part.findings).sort((a, b) => a.id - b.id),
  };
  return { parts: numbered, outcome, findings: renumbered };
}

function numberFindings(parts: readonly ExamOutcome[]): ReadonlyMap<Finding, number> {
  const all = parts.flatMap((part) => (part.kind === 'analysed' ? part.findings : []));
  const sorted = [...all].sort(
    (a, b) => FINDING_KINDS.indexOf(a.kind) - FINDING_KINDS.indexOf(b.kind) || b.probability - a.probability,
  );
  return new Map(sorted.map((finding, index) => [finding, index + 1]));
}

function renumberFindings(part: ExamOutcome, numberOf: ReadonlyMap<Finding, number>): Map<number, Finding> {
  const findings = part.kind === 'analysed' ? part.findings : [];
  return new Map(findings.map((finding) => [finding.id, { ...finding, id: numberOf.get(finding)! }]));
}

function withFindings(part: ExamOutcome, findings: ReadonlyMap<number, Finding>): ExamOutcome {
  if (part.kind !== 'analysed') return part;
  return { ...part, findings: [...findings.values()].sort((a, b) => a.id - b.id) };
}

function mergePresence(analysed: readonly Analysed[]): Analysed['presence'] {
  if (analysed.some((part) => part.presence === 'present')) return 'present';
  return analysed.some((part) => part.presence === 'undetermined') ? 'undetermined' : 'absent';
}

/** The worst level, all remarks once; images that could not be judged are named. */
function mergeQuality(parts: readonly ExamOutcome[]): Quality {
  const analysed = parts.filter((part) => part.kind === 'analysed');
  const unjudged = parts.filter((part) => part.kind === 'not-analysable');
  const worst = Math.max(...analysed.map((part) => QUALITIES.indexOf(part.quality.level)));
  const limited = unjudged.length > 0 ? QUALITIES.indexOf('limited') : 0;
  const remarks = [
    ...analysed.flatMap((part) => part.quality.remarks),
    ...unjudged.map((part) => `Part of the study could not be judged. ${part.reason.message}.`),
  ];
  return { level: QUALITIES[Math.max(worst, limited)]!, remarks: [...new Set(remarks)] };
}

/** Nothing was analysed: what we read but could not judge comes before what we do not read. */
function worstRefusal(parts: readonly ExamOutcome[]): ExamOutcome {
  const refusal = parts.find((part) => part.kind === 'not-analysable') ?? parts[0];
  return refusal ?? notApplicable('no-image', 'Study', 'CT of the chest or radiographs of chest or spine', 'no image');
}
