import { distanceToMaskMm, distanceToOutsideMm } from '../imaging/distance.js';
import { CT_SPINE } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { type AnatomyGrid, buildAnatomyGrid } from './anatomy-grid.js';
import { type Blood, estimateBlood } from './blood-pool.js';
import { findLungs, LEFT_LUNG, type Lungs, RIGHT_LUNG } from './lungs.js';
import { findMediastinum } from './mediastinum.js';
import { findSpine, type Spine, spineMask } from './spine.js';

/** What a cell of the anatomy grid belongs to. */
export const REGION = {
  elsewhere: 0,
  rightLung: RIGHT_LUNG,
  leftLung: LEFT_LUNG,
  mediastinum: 3,
  spine: 4,
  /** Around the spine: lumbar, azygos and paravertebral veins, the aorta beside them. */
  paravertebral: 5,
} as const;

/** The chest on the anatomy grid: where everything is that the candidates are judged by. */
export interface ChestMap {
  readonly anatomy: AnatomyGrid;
  readonly lungs: Lungs;
  readonly region: Uint8Array;
  /** From inside a closed lung to its surface, mm; 0 outside. */
  readonly lungDepthMm: Float32Array;
  readonly spine: Spine;
  /** From anywhere to the spine's label, mm. */
  readonly toSpineMm: Float32Array;
  readonly blood: Blood;
}

/** Maps the chest, or gives null where there is no air inside a body at all. */
export function mapChest(volume: Volume): ChestMap | null {
  const anatomy = buildAnatomyGrid(volume);
  const lungs = findLungs(anatomy);
  if (lungs.right.volumeMl + lungs.left.volumeMl === 0) return null;
  const { grid } = anatomy;
  const lungDepthMm = distanceToOutsideMm(lungs.closed, grid);
  const middle = (axis: 0 | 2): number => {
    const present = [lungs.right, lungs.left].filter((lung) => lung.volumeMl > 0);
    const from = Math.min(...present.map((lung) => lung.first[axis]!));
    const to = Math.max(...present.map((lung) => lung.last[axis]!));
    return (from + to) / 2;
  };
  const mediastinum = findMediastinum(lungs.closed, grid);
  const blood = estimateBlood(volume, anatomy, mediastinum);
  const spine = findSpine(anatomy, lungs.body, blood.hu, Math.round(middle(2)), middle(0));
  const vertebrae = spineMask(anatomy, spine);
  const toSpineMm = distanceToMaskMm(vertebrae, grid);
  const region = new Uint8Array(lungs.closed.length);
  for (let n = 0; n < region.length; n++) {
    if (lungs.aerated[n]) region[n] = lungs.aerated[n]!;
    else if (vertebrae[n] && lungDepthMm[n]! < CT_SPINE.depthInLungMm) region[n] = REGION.spine;
    else if (lungs.closed[n]) region[n] = lungs.closed[n]!;
    else if (mediastinum[n]) region[n] = REGION.mediastinum;
    else if (toSpineMm[n]! <= CT_SPINE.paravertebralMm && lungs.body[n]) region[n] = REGION.paravertebral;
  }
  return { anatomy, lungs, region, lungDepthMm, spine, toSpineMm, blood };
}
