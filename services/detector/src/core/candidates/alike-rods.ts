import { CT_RULES } from '../parameters.js';
import type { CtCandidate } from './ct-candidates.js';

type Sized = Pick<CtCandidate, 'lengthMm' | 'slenderness' | 'calibreMm'>;

/** A short rod, as clips, staples and seeds are. */
export function isShortRod({ lengthMm, slenderness }: Sized): boolean {
  return lengthMm <= CT_RULES.longestRodMm && slenderness >= CT_RULES.dotSlenderness;
}

/** Two short rods of about one length and calibre: made things, where beads of cement differ. */
export function areAlikeRods(a: Sized, b: Sized): boolean {
  return isShortRod(a) && isShortRod(b) && isNear(a.lengthMm, b.lengthMm) && isNear(a.calibreMm, b.calibreMm);
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= CT_RULES.alikeShare * Math.max(a, b);
}
