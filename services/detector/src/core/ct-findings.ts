import type { Finding, ImageRegion, Morphology } from '@pce/shared/contracts/finding';
import type { ChestMap } from './anatomy/chest-map.js';
import { siteOf } from './anatomy/sites.js';
import { placeOf } from './anatomy/zones.js';
import type { PointMm } from './candidates/centreline.js';
import { type CtCandidate, ijkOf } from './candidates/ct-candidates.js';
import { assess } from './classify/exam.js';
import type { JudgedCandidate } from './classify/judge-ct.js';
import { findingMask } from './finding-mask.js';
import { CT_RULES } from './parameters.js';
import { type VoxelIjk, voxelToLps, voxelToPixel } from './volume/geometry.js';
import type { Volume } from './volume/volume.js';

/** Calibre from which a cast lies in a lobar artery, and in a right or left main one. Source: clinical.md [M]. */
const LOBAR_CALIBRE_MM = 6;
const MAIN_BRANCH_CALIBRE_MM = 10;
/** Corners of the polygon drawn around a finding on its key slice. */
const OUTLINE_CORNERS = 16;
/** Room between a finding and the polygon around it, millimetres. */
const OUTLINE_MARGIN_MM = 3;

/** Turns judged candidates into findings, most probable first, those of at least `reportAbove`. */
export function describeCtFindings(
  volume: Volume,
  chest: ChestMap,
  judged: readonly JudgedCandidate[],
  reportAbove: number,
): Finding[] {
  return judged
    .filter(({ judgement }) => judgement.probability >= reportAbove)
    .sort((a, b) => b.judgement.probability - a.judgement.probability)
    .map((one, index) => describeFinding(volume, chest, one, index + 1));
}

function describeFinding(
  volume: Volume,
  chest: ChestMap,
  { kind, candidate, judgement }: JudgedCandidate,
  id: number,
): Finding {
  const { peakHu } = candidate;
  const path = candidate.paths[0]!;
  const toLps = (point: PointMm): [number, number, number] => [
    ...voxelToLps(volume.voxelToLpsMm, toVoxel(volume, point)),
  ];
  const centre = path[Math.floor(path.length / 2)]!;
  const [i, j, k] = toVoxel(volume, centre);
  return {
    id,
    kind,
    assessment: assess(judgement.probability),
    probability: judgement.probability,
    morphology: kind === 'vertebral-cement' ? 'irregular' : morphologyOf(candidate),
    ...situate(chest, kind, candidate, [i, j, k]),
    regions: [outlineOnKeySlice(volume, candidate.voxels)],
    centreLpsMm: toLps(centre),
    centrelineLpsMm: kind === 'vertebral-cement' ? [] : path.map(toLps),
    ...(kind === 'pulmonary-cement-embolism' ? { mask: findingMask(volume, candidate.voxels) } : {}),
    measurements: {
      lengthMm: kind === 'vertebral-cement' ? null : candidate.lengthMm,
      calibreMm: kind === 'vertebral-cement' ? null : candidate.calibreMm,
      volumeMm3: candidate.volumeMm3,
      peakHu,
      peakIsClipped: peakHu >= volume.clippedAtHu,
      contrastToNoise: null,
      inDetectorPlane: false,
    },
    reasons: [...judgement.reasons],
  };
}

type Situation = Pick<Finding, 'site' | 'side' | 'zone' | 'lobe' | 'arteryLevel'>;

/** Organ, side, third, lobe and artery level, as far as the kind of finding has them. */
function situate(chest: ChestMap, kind: Finding['kind'], candidate: CtCandidate, [i, j, k]: VoxelIjk): Situation {
  const place = placeOf(chest, i, j, k);
  const noLung = { zone: null, lobe: null, arteryLevel: null };
  if (kind === 'vertebral-cement') return { site: 'vertebra', side: 'midline', ...noLung };
  const site = siteOf(chest, i, j, k);
  if (kind === 'venous-cement-leak') {
    return { site: site === 'azygos-vein' ? site : 'paravertebral-veins', side: place.side, ...noLung };
  }
  const arteryLevel = site === 'pulmonary-artery' ? arteryLevelOf(candidate.calibreMm) : null;
  const isInLung = candidate.place === 'lung';
  return { site, ...place, lobe: isInLung ? place.lobe : null, arteryLevel };
}

function toVoxel({ spacingMm }: Volume, [x, y, z]: PointMm): VoxelIjk {
  return [x / spacingMm[0], y / spacingMm[1], z / spacingMm[2]];
}

function morphologyOf({ slenderness, pieces, branchCount }: CtCandidate): Morphology {
  if (pieces > 1) return 'beaded';
  if (slenderness < CT_RULES.dotSlenderness) return 'punctate';
  return branchCount > 0 ? 'branching' : 'tubular';
}

function arteryLevelOf(calibreMm: number): Finding['arteryLevel'] {
  if (calibreMm >= MAIN_BRANCH_CALIBRE_MM) return 'right-or-left';
  return calibreMm >= LOBAR_CALIBRE_MM ? 'lobar' : 'segmental-or-smaller';
}

/** A polygon around the finding on the slice where most of it lies. */
function outlineOnKeySlice(volume: Volume, voxels: Int32Array): ImageRegion {
  const perSlice = new Map<number, number[]>();
  for (const at of voxels) {
    const k = Math.floor(at / (volume.columns * volume.rows));
    perSlice.set(k, [...(perSlice.get(k) ?? []), at]);
  }
  const [k, inSlice] = [...perSlice].reduce((best, next) => (next[1].length > best[1].length ? next : best));
  const columns = inSlice.map((at) => ijkOf(volume, at)[0]);
  const rows = inSlice.map((at) => ijkOf(volume, at)[1]);
  const centre = [middle(columns), middle(rows)] as const;
  const marginPx = OUTLINE_MARGIN_MM / volume.spacingMm[0];
  const radius = [halfExtent(columns) + marginPx, halfExtent(rows) + marginPx] as const;
  const pointsPx = Array.from({ length: OUTLINE_CORNERS + 1 }, (_, corner): [number, number] => {
    const angle = (2 * Math.PI * (corner % OUTLINE_CORNERS)) / OUTLINE_CORNERS;
    const [x, y] = voxelToPixel(centre[0] + radius[0] * Math.cos(angle), centre[1] + radius[1] * Math.sin(angle));
    return [Math.min(volume.columns, Math.max(0, x)), Math.min(volume.rows, Math.max(0, y))];
  });
  return { image: volume.sliceImages[k]!, purpose: 'outline', pointsPx };
}

const middle = (values: readonly number[]): number => (Math.min(...values) + Math.max(...values)) / 2;
const halfExtent = (values: readonly number[]): number => (Math.max(...values) - Math.min(...values) + 1) / 2;
