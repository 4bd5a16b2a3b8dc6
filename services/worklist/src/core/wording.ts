import type { Presence, Urgency } from '@pce/shared/contracts/exam-outcome';
import type { Finding } from '@pce/shared/contracts/finding';
import type { Rank } from './order-rows.js';
import type { WorklistRow } from './worklist-row.js';

export const RANK_WORDS: Readonly<Record<Rank, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  'no-answer': 'No answer',
  'in-progress': 'In progress',
  none: 'None',
  'not-applicable': 'Not for us',
};

const KINDS: Readonly<Record<Finding['kind'], string>> = {
  'pulmonary-cement-embolism': 'Pulmonary cement embolism',
  'venous-cement-leak': 'Venous cement leak',
  'vertebral-cement': 'Cement in a vertebra',
};

const ASSESSMENTS: Readonly<Record<Finding['assessment'], string>> = {
  suspected: 'suspected',
  indeterminate: 'possible',
  candidate: 'below the operating point',
};

const PRESENCES: Readonly<Record<Presence, string>> = {
  present: 'Cement embolism suspected',
  absent: 'No cement embolism found',
  undetermined: 'Cement embolism possible',
};

/** "Pulmonary cement embolism, suspected". */
export function findingTitle({ kind, assessment }: Pick<Finding, 'kind' | 'assessment'>): string {
  return `${KINDS[kind]}, ${ASSESSMENTS[assessment]}`;
}

/** "right lower lobe, segmental or smaller artery". */
export function placeText(finding: Pick<Finding, 'site' | 'side' | 'zone' | 'lobe' | 'arteryLevel'>): string {
  const { site, side, zone, lobe, arteryLevel } = finding;
  const where = lobe ? `${plain(lobe)} lobe` : [side, zone ? `${zone} zone` : null].filter(Boolean).join(' ');
  const what = arteryLevel ? `${plain(arteryLevel)} artery` : plain(site);
  return [where, what].filter((part) => part !== '').join(', ');
}

/** Measured values in words; what cannot be measured is left out. */
export function measurementTexts({ measurements: m }: Pick<Finding, 'measurements'>): string[] {
  const plane = m.inDetectorPlane ? ' on the film' : '';
  return [
    m.lengthMm === null ? '' : `length ${m.lengthMm.toFixed(1)} mm${plane}`,
    m.calibreMm === null ? '' : `calibre ${m.calibreMm.toFixed(1)} mm${plane}`,
    m.volumeMm3 === null ? '' : `volume ${m.volumeMm3.toFixed(0)} mm³`,
    m.peakHu === null ? '' : `peak ${m.peakIsClipped ? 'over ' : ''}${m.peakHu.toFixed(0)} HU`,
    m.contrastToNoise === null ? '' : `contrast to noise ${m.contrastToNoise.toFixed(1)}`,
  ].filter((text) => text !== '');
}

/** What the analysis says of the exam, in few words. */
export function answerText(row: Pick<WorklistRow, 'state' | 'presence' | 'embolusCount'>): string {
  switch (row.state) {
    case 'receiving':
      return 'Receiving images';
    case 'waiting':
      return 'Waiting for analysis';
    case 'failed':
      return 'Analysis failed';
    case 'not-analysable':
      return 'Not analysable';
    case 'not-applicable':
      return 'Not a study this software reads';
    case 'analysed': {
      const count = row.embolusCount > 0 ? `, ${row.embolusCount} finding${row.embolusCount === 1 ? '' : 's'}` : '';
      return (row.presence ? PRESENCES[row.presence] : '') + count;
    }
  }
}

export function urgencyText(urgency: Urgency): string {
  return urgency === 'none' ? 'no urgency suggested' : `suggested urgency: ${urgency}`;
}

/** "3 min", "5 h", "2 d". @param milliseconds not negative */
export function ageText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

function plain(term: string): string {
  return term.replaceAll('-', ' ');
}
