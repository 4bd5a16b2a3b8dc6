import type { ExamOutcome, Urgency } from '@pce/shared/contracts/exam-outcome';
import type { Assessment, Finding, FindingKind, Measurements } from '@pce/shared/contracts/finding';

/** The outcome of an exam as one word for a column, a filter and a colour. */
export type OutcomeKey = 'present' | 'undetermined' | 'absent' | 'not-analysable' | 'not-applicable';

export const OUTCOME_NAMES: Readonly<Record<OutcomeKey, string>> = {
  present: 'Present',
  undetermined: 'Undetermined',
  absent: 'Absent',
  'not-analysable': 'Not analysable',
  'not-applicable': 'Not applicable',
};

export const URGENCY_NAMES: Readonly<Record<Urgency, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  none: 'None',
};

export const KIND_NAMES: Readonly<Record<FindingKind, string>> = {
  'pulmonary-cement-embolism': 'cement embolus',
  'venous-cement-leak': 'venous cement leak',
  'vertebral-cement': 'vertebral cement',
};

export const ASSESSMENT_NAMES: Readonly<Record<Assessment, string>> = {
  suspected: 'suspected',
  indeterminate: 'possible',
  candidate: 'candidate',
};

const ARTERY_NAMES: Readonly<Record<NonNullable<Finding['arteryLevel']>, string>> = {
  main: 'main pulmonary artery',
  'right-or-left': 'pulmonary artery',
  lobar: 'lobar artery',
  'segmental-or-smaller': 'segmental artery or smaller',
};

/** @param outcome null for a study of which nothing could be read */
export function outcomeKey(outcome: ExamOutcome | null): OutcomeKey {
  if (outcome === null) return 'not-analysable';
  return outcome.kind === 'analysed' ? outcome.presence : outcome.kind;
}

/** Where a finding is: "right lower lobe, segmental artery or smaller". */
export function placeInWords(finding: Finding): string {
  const side = finding.side === 'midline' ? 'midline' : finding.side;
  if (finding.site !== 'pulmonary-artery' && finding.site !== 'lung') {
    return [finding.site.replaceAll('-', ' '), side].filter(Boolean).join(', ');
  }
  const area = finding.lobe
    ? `${finding.lobe.replace('-', ' ')} lobe`
    : [side, finding.zone ? `${finding.zone} zone` : 'lung'].filter(Boolean).join(' ');
  return finding.arteryLevel ? `${area}, ${ARTERY_NAMES[finding.arteryLevel]}` : area;
}

/** "length 12.3 mm", "peak > 3071 HU": what could be measured, each with its unit. */
export function measurementsInWords(measurements: Measurements): string[] {
  const { lengthMm, calibreMm, volumeMm3, peakHu, peakIsClipped, contrastToNoise, inDetectorPlane } = measurements;
  const words: string[] = [];
  if (lengthMm !== null) words.push(`length ${lengthMm.toFixed(1)} mm`);
  if (calibreMm !== null) words.push(`calibre ${calibreMm.toFixed(1)} mm`);
  if (volumeMm3 !== null) words.push(`volume ${volumeMm3.toFixed(volumeMm3 < 10 ? 1 : 0)} mm³`);
  if (peakHu !== null) words.push(`peak ${peakIsClipped ? '≥ ' : ''}${peakHu.toFixed(0)} HU`);
  if (contrastToNoise !== null) words.push(`contrast ${contrastToNoise.toFixed(1)} × noise`);
  if (inDetectorPlane && (lengthMm !== null || calibreMm !== null)) words.push('in the detector plane');
  return words;
}

/** 0.973 as "97 %"; never "0 %" or "100 %" for what is not quite so. */
export function percent(probability: number): string {
  const value = probability * 100;
  if (value > 0 && value < 1) return '< 1 %';
  if (value > 99 && value < 100) return '> 99 %';
  return `${Math.round(value)} %`;
}
