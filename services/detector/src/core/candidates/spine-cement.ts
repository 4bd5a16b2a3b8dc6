import { cellOfVoxel } from '../anatomy/anatomy-grid.js';
import { type ChestMap, REGION } from '../anatomy/chest-map.js';
import { CT_RULES, CT_SPINE_CEMENT } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { distanceMm, voxelMm } from './centreline.js';
import { type CtCandidate, ijkOf, measureComponent } from './ct-candidates.js';
import { type DenseComponent, findDenseComponents } from './dense-components.js';

/** What is denser than bone in a vertebra, and what of that kind lies beside one. */
export interface SpineCement {
  readonly vertebral: readonly CtCandidate[];
  readonly leaks: readonly CtCandidate[];
}

/**
 * Finds cement in vertebral bodies, and leaks of it into the veins around them.
 *
 * Screws, rods and cages are told by reaching behind the vertebral body; cortex by its small volume.
 */
export function findSpineCement(volume: Volume, chest: ChestMap): SpineCement {
  const voxelMm3 = volume.spacingMm[0] * volume.spacingMm[1] * volume.spacingMm[2];
  const inVertebrae = findDenseComponents(volume, chest.anatomy, (cell) =>
    chest.region[cell] === REGION.spine ? CT_SPINE_CEMENT.vertebra : null,
  ).filter((component) => isCementOfBody(volume, chest, component, voxelMm3));
  if (inVertebrae.length === 0) return { vertebral: [], leaks: [] };
  const outside = inVertebrae.flatMap((component) => partOutside(volume, chest, component, voxelMm3));
  const apart = findDenseComponents(volume, chest.anatomy, (cell) =>
    chest.region[cell] === REGION.paravertebral ? CT_SPINE_CEMENT.leak : null,
  ).filter((component) => inVertebrae.some((other) => isNear(volume, component.seed, other.voxels)));
  const measure = (component: DenseComponent): CtCandidate => measureComponent(volume, chest, component);
  return {
    vertebral: inVertebrae.map(measure),
    leaks: [...outside.map(measure), ...apart.map(measure).filter(isLeakLike)],
  };
}

function isCementOfBody(volume: Volume, chest: ChestMap, component: DenseComponent, voxelMm3: number): boolean {
  if (component.voxels.length * voxelMm3 < CT_SPINE_CEMENT.minVolumeMm3) return false;
  const { grid } = chest.anatomy;
  let inBody = 0;
  for (const voxel of component.voxels) {
    const cell = cellOfVoxel(chest.anatomy, ...ijkOf(volume, voxel));
    const y = Math.floor(cell / grid.nx) % grid.ny;
    const z = Math.floor(cell / (grid.nx * grid.ny));
    if ((y - chest.spine.y[z]!) * grid.spacingMm[1] <= CT_SPINE_CEMENT.bodyBackMm) inBody++;
  }
  return inBody >= CT_SPINE_CEMENT.minShareInBody * component.voxels.length;
}

/** What of a vertebra's cement lies outside the box around the vertebrae, where it is enough to tell. */
function partOutside(volume: Volume, chest: ChestMap, component: DenseComponent, voxelMm3: number): DenseComponent[] {
  const outside = component.voxels.filter((voxel) => {
    const region = chest.region[cellOfVoxel(chest.anatomy, ...ijkOf(volume, voxel))];
    return region === REGION.paravertebral || region === REGION.mediastinum;
  });
  if (outside.length * voxelMm3 < CT_SPINE_CEMENT.leakMinVolumeMm3) return [];
  return [{ ...component, voxels: outside }];
}

function isNear(volume: Volume, voxel: number, others: Int32Array): boolean {
  const here = voxelMm(volume, voxel);
  const step = Math.max(1, Math.floor(others.length / 200));
  for (let n = 0; n < others.length; n += step) {
    if (distanceMm(here, voxelMm(volume, others[n]!)) <= CT_SPINE_CEMENT.leakNearMm) return true;
  }
  return false;
}

/** Takes out of the candidates those that are leaks: dense and tubular beside the spine, near cement in a vertebra or in
 * the azygos vein. */
export function separateLeaks(
  volume: Volume,
  candidates: readonly CtCandidate[],
  { vertebral, leaks }: SpineCement,
): { leaks: CtCandidate[]; others: CtCandidate[] } {
  const known = new Set(leaks.flatMap((leak) => [...leak.voxels]));
  const isLeak = (candidate: CtCandidate): boolean =>
    candidate.shareBesideSpine > CT_RULES.mostBesideSpine &&
    candidate.peakHu >= CT_SPINE_CEMENT.leakPeakHu &&
    candidate.flatness <= CT_RULES.plateFlatness &&
    isLeakLike(candidate) &&
    (candidate.place === 'mediastinum' ||
      vertebral.some((cement) => isNear(volume, candidate.voxels[0]!, cement.voxels)));
  const fresh = candidates.filter((candidate) => isLeak(candidate) && !known.has(candidate.voxels[0]!));
  return { leaks: [...leaks, ...fresh], others: candidates.filter((candidate) => !isLeak(candidate)) };
}

function isLeakLike({ lengthMm, slenderness }: CtCandidate): boolean {
  return lengthMm >= CT_SPINE_CEMENT.leakMinLengthMm && slenderness >= CT_SPINE_CEMENT.leakMinSlenderness;
}
