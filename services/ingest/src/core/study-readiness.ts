import { createHash } from 'node:crypto';
import type { AnalysisReason, LedgerInstance } from '@pce/shared/ports/ledger';

/** How long to wait for more images. */
export interface QuietPeriods {
  /** Seconds by modality; 0 means an image is analysed as it arrives. */
  quietSeconds: Readonly<Record<string, number>>;
  otherwiseSeconds: number;
}

/** Milliseconds a study must be quiet after an image of this modality. */
export function quietMs(periods: QuietPeriods, modality: string): number {
  return (periods.quietSeconds[modality] ?? periods.otherwiseSeconds) * 1000;
}

/**
 * Names a set of instances by content: SHA-256, hexadecimal, over the sorted SOP Instance UIDs and digests. The same
 * set has the same name in whatever order it came.
 */
export function instanceSetDigest(instances: readonly Pick<LedgerInstance, 'sopInstanceUid' | 'sha256'>[]): string {
  const lines = instances.map(({ sopInstanceUid, sha256 }) => `${sopInstanceUid} ${sha256}`).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** Two spacings that differ by less than this part of the smaller are the same. [design] Rounding in the position. */
const SPACING_TOLERANCE = 0.1;
/** Fewer slices than this say nothing about gaps. [design] */
const FEWEST_SLICES = 8;

/**
 * Whether a CT series looks whole: numbered without a gap from its lowest number, and evenly spaced along its normal.
 * It is a cost control only: what comes later starts a new analysis.
 */
export function isGapless(instances: readonly Pick<LedgerInstance, 'instanceAttributes'>[]): boolean {
  if (instances.length < FEWEST_SLICES) return false;
  const numbers = instances.map(({ instanceAttributes }) => Number(instanceAttributes.InstanceNumber)).sort(ascending);
  if (!numbers.every((number, index) => number === (numbers[0] as number) + index)) return false;
  const heights = instances.map(({ instanceAttributes }) => heightAlongNormal(instanceAttributes)).sort(ascending);
  const spacings = heights.slice(1).map((height, index) => height - (heights[index] as number));
  const least = Math.min(...spacings);
  return least > 0 && Math.max(...spacings) - least <= least * SPACING_TOLERANCE;
}

const ascending = (left: number, right: number) => left - right;

/** Millimetres along the slice normal; NaN when position or orientation is missing. Source: PS3.3 C.7.6.2.1.1. */
function heightAlongNormal(attributes: Readonly<Record<string, string>>): number {
  const [x = Number.NaN, y = Number.NaN, z = Number.NaN] = (attributes.ImagePositionPatient ?? '')
    .split('\\')
    .map(Number);
  const [rx = Number.NaN, ry = Number.NaN, rz = Number.NaN, cx = Number.NaN, cy = Number.NaN, cz = Number.NaN] = (
    attributes.ImageOrientationPatient ?? ''
  )
    .split('\\')
    .map(Number);
  return x * (ry * cz - rz * cy) + y * (rz * cx - rx * cz) + z * (rx * cy - ry * cx);
}

/** Why a study is analysed: late images when it had been asked for before. */
export function reasonFor(trigger: AnalysisReason, isKnownStudy: boolean): AnalysisReason {
  return isKnownStudy && trigger !== 'forced' ? 'late-images' : trigger;
}
