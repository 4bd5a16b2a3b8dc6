import { URGENCIES, type Urgency } from '@pce/shared/contracts/exam-outcome';
import type { Finding } from '@pce/shared/contracts/finding';

/** Emboli beyond this count are "numerous". Source: clinical.md, exact to 12. */
const NUMEROUS = 12;

/**
 * Suggested reading urgency, by where cement lies. Only suspected findings raise it above low: an indeterminate one
 * is reported without alarm.
 *
 * Source: clinical.md, suggested urgency [design], after the ACR actionable-finding categories
 */
export function suggestUrgency(findings: readonly Finding[]): Urgency {
  const reported = findings.filter((finding) => finding.kind !== 'vertebral-cement');
  const suspected = reported.filter((finding) => finding.assessment === 'suspected');
  const emboli = suspected.filter((finding) => finding.kind === 'pulmonary-cement-embolism');
  const levels = suspected.map(urgencyOf);
  if (isNumerousAndBilateral(emboli)) levels.push('high');
  if (reported.some((finding) => finding.assessment === 'indeterminate')) levels.push('low');
  return mostUrgent(levels);
}

/** The first of the list critical, high, medium, low, none that occurs; 'none' of nothing. */
export function mostUrgent(urgencies: readonly Urgency[]): Urgency {
  return URGENCIES.find((urgency) => urgencies.includes(urgency)) ?? 'none';
}

/** A film cannot place cement over the heart or a hilum: possible, and so high until a CT tells. */
function urgencyOf(finding: Finding): Urgency {
  const isOnFilm = finding.centreLpsMm === null;
  switch (finding.site) {
    case 'right-heart':
      return isOnFilm ? 'high' : 'critical';
    case 'inferior-vena-cava':
    case 'superior-vena-cava':
    case 'azygos-vein':
      return 'high';
    case 'pulmonary-artery':
    case 'lung':
      return urgencyOfArtery(finding.arteryLevel, isOnFilm);
    case 'paravertebral-veins':
      return 'low';
    case 'vertebra':
      return finding.kind === 'venous-cement-leak' ? 'low' : 'none';
  }
}

function urgencyOfArtery(level: Finding['arteryLevel'], isOnFilm: boolean): Urgency {
  switch (level) {
    case 'main':
      return isOnFilm ? 'high' : 'critical';
    case 'right-or-left':
    case 'lobar':
      return 'high';
    case 'segmental-or-smaller':
    case null:
      return 'medium';
  }
}

function isNumerousAndBilateral(emboli: readonly Finding[]): boolean {
  const sides = new Set(emboli.map((finding) => finding.side));
  return emboli.length > NUMEROUS && sides.has('right') && sides.has('left');
}
