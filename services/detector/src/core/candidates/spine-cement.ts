import { cellOfVoxel } from '../anatomy/anatomy-grid.js';
import { type ChestMap, REGION } from '../anatomy/chest-map.js';
import { CT_RULES, CT_SPINE_CEMENT } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { distanceMm, voxelMm } from './centreline.js';
import { type CtCandidate, ijkOf, measureComponent } from './ct-candidates.js';
import { type DenseComponent, findDenseComponents } from './dense-components.js';
import { thinParts } from './thin-parts.js';

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
  const inSpine = findDenseComponents(volume, chest.anatomy, (cell) =>
    chest.region[cell] === REGION.spine ? CT_SPINE_CEMENT.vertebra : null,
  );
  const bodies = inSpine.filter((component) => isCementOfBody(volume, chest, component, voxelMm3));
  if (bodies.length === 0) return { vertebral: [], leaks: [] };
  const measure = (component: DenseComponent): CtCandidate => measureComponent(volume, chest, component);
  const hanging = bodies.flatMap((body) => thinParts(volume, body)).map(measure);
  const apart = [
    ...inSpine.filter((component) => !bodies.includes(component)),
    ...findDenseComponents(volume, chest.anatomy, (cell) =>
      chest.region[cell] === REGION.paravertebral ? CT_SPINE_CEMENT.leak : null,
    ),
  ].map(measure);
  const isOfBodies = (leak: CtCandidate): boolean =>
    leak.peakHu >= CT_SPINE_CEMENT.leakPeakHu || bodies.some((body) => isNear(volume, leak.voxels[0]!, body.voxels));
  return {
    vertebral: bodies.map(measure),
    leaks: [...hanging.filter(isHangingLeak), ...apart.filter((leak) => isLeakLike(leak) && isOfBodies(leak))],
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
    isLeakLike(candidate) &&
    (candidate.place === 'mediastinum' ||
      vertebral.some((cement) => isNear(volume, candidate.voxels[0]!, cement.voxels)));
  const fresh = candidates.filter((candidate) => isLeak(candidate) && !known.has(candidate.voxels[0]!));
  return { leaks: [...leaks, ...fresh], others: candidates.filter((candidate) => !isLeak(candidate)) };
}

/** A tube in soft tissue: facets, osteophytes and end plates lie in bone or are specks. */
function isLeakLike(one: CtCandidate): boolean {
  const { lengthMm, slenderness, flatness, volumeMm3, surround } = one;
  const isOfSpine = one.shareInSpine > CT_SPINE_CEMENT.leakShareInSpine;
  return (
    (!isOfSpine || one.calibreMm <= CT_SPINE_CEMENT.leakMaxCalibreMm) &&
    volumeMm3 >= CT_SPINE_CEMENT.leakMinVolumeMm3 &&
    surround.medianHu <= CT_SPINE_CEMENT.leakMostSurroundHu &&
    lengthMm >= CT_SPINE_CEMENT.leakMinLengthMm &&
    lengthMm <= CT_SPINE_CEMENT.leakMaxLengthMm &&
    slenderness >= CT_SPINE_CEMENT.leakMinSlenderness &&
    flatness <= CT_SPINE_CEMENT.leakMaxFlatness
  );
}

/** Cement is ragged within the body as well: a vein's filling is longer and more slender than that. */
function isHangingLeak(part: CtCandidate): boolean {
  return (
    isLeakLike(part) &&
    part.lengthMm >= CT_SPINE_CEMENT.hangingMinLengthMm &&
    part.slenderness >= CT_SPINE_CEMENT.hangingMinSlenderness
  );
}
