import { CT_VOLUME } from '../parameters.js';
import { bodyRegionOf } from './body-region.js';
import { type CtImageSet, imageTypes } from './ct-image-set.js';

/**
 * Edge-enhancing kernels overshoot at dense edges and raise noise: Siemens 60 and up, Philips D and up, GE lung, bone
 * and edge, Canon FC30 to FC39 and FC50 and up.
 */
const SHARP_KERNEL =
  /LUNG|BONE|EDGE|SHARP|DETAIL|^(B|D|H|I|J|BL|BR|BV|BF|HR|QR|UR?)[6-9]\d|^FC(3|5|8)\d|^Y[ABCD]|^[D-F]$/i;

/** What images are compared by, most important first: the smaller number is the better set. */
interface Merit {
  readonly what: string;
  readonly of: (set: CtImageSet) => number;
}

const MERITS: readonly Merit[] = [
  { what: 'shows the chest', of: (set) => (isNotChest(set) ? 1 : 0) },
  { what: 'covers the whole chest', of: (set) => (set.coverageMm >= CT_VOLUME.wholeChestCoverageMm ? 0 : 1) },
  { what: 'is an original reconstruction', of: (set) => (imageTypes(set.headers[0]!)[0] === 'DERIVED' ? 1 : 0) },
  { what: 'fits into memory', of: (set) => (voxelCount(set) > CT_VOLUME.maxVoxels ? 1 : 0) },
  { what: 'has the thinner slices', of: (set) => Math.round(resolutionMm(set) * 20) },
  { what: 'has the softer kernel', of: (set) => (SHARP_KERNEL.test(set.headers[0]!.frames[0]?.kernel ?? '') ? 1 : 0) },
  { what: 'is without contrast agent', of: (set) => (set.headers[0]!.hasContrastAgent ? 1 : 0) },
  { what: 'covers more', of: (set) => -Math.round(set.coverageMm) },
];

/** Sorts image sets from the best to the worst; equal ones by their UIDs, so that the order never depends on arrival. */
export function rankImageSets(sets: readonly CtImageSet[]): CtImageSet[] {
  return [...sets].sort((a, b) => {
    for (const merit of MERITS) {
      const difference = merit.of(a) - merit.of(b);
      if (difference !== 0) return difference;
    }
    return identityOf(a) < identityOf(b) ? -1 : 1;
  });
}

/** Why the better of two sets is the better: "has the thinner slices". */
export function whyBetter(better: CtImageSet, worse: CtImageSet): string {
  return MERITS.find((merit) => merit.of(better) < merit.of(worse))?.what ?? 'comes first by its UID';
}

/** What the smallest thing that shows is set by: slices may overlap, and gaps between thin ones hide as much. */
function resolutionMm(set: CtImageSet): number {
  return Math.max(set.spacingMm, set.headers[0]!.frames[0]?.sliceThicknessMm ?? 0);
}

function isNotChest(set: CtImageSet): boolean {
  return bodyRegionOf(set.headers[0]!).region === 'abdomen';
}

function voxelCount(set: CtImageSet): number {
  return set.sliceCount * set.headers[0]!.rows * set.headers[0]!.columns;
}

function identityOf(set: CtImageSet): string {
  return `${set.headers[0]!.seriesInstanceUid} ${set.headers.map((header) => header.sopInstanceUid).sort()[0]}`;
}
