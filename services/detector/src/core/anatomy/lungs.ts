import { distanceToOutsideMm } from '../imaging/distance.js';
import { growMarks } from '../imaging/geodesic.js';
import { type Grid, gridSize } from '../imaging/grid.js';
import { labelComponents } from '../imaging/label-components.js';
import { maskWhere } from '../imaging/mask.js';
import { close } from '../imaging/morphology.js';
import { CT_LUNGS } from '../parameters.js';
import { type AirCore, describeCores } from './air-cores.js';
import type { AnatomyGrid } from './anatomy-grid.js';
import { openAir } from './open-air.js';

/** Labels of the lung masks. */
export const RIGHT_LUNG = 1;
export const LEFT_LUNG = 2;
const OTHER_AIR = 3;

/** One lung's extent on the anatomy grid: cells along x, y and z, both ends included. */
export interface LungExtent {
  readonly volumeMl: number;
  readonly first: readonly [number, number, number];
  readonly last: readonly [number, number, number];
}

/** The lungs on the anatomy grid. */
export interface Lungs {
  /** Aerated lung: 0, RIGHT_LUNG or LEFT_LUNG. */
  readonly aerated: Uint8Array;
  /** The same, closed over vessels, hila and dense lesions; the airway belongs to neither. */
  readonly closed: Uint8Array;
  /** 1 where the patient is, the table included where it touches. */
  readonly body: Uint8Array;
  readonly right: LungExtent;
  readonly left: LungExtent;
}

/** Finds both lungs, told apart by the patient's side. A missing lung has volume 0. */
export function findLungs(anatomy: AnatomyGrid): Lungs {
  const { grid, meanHu } = anatomy;
  const open = openAir(meanHu, grid);
  const innerAir = maskWhere(meanHu, (hu, n) => hu < CT_LUNGS.airBelowHu && !open[n]);
  const cores = separateCores(innerAir, anatomy);
  const grown = growMarks(innerAir, cores.marks, grid, cores.depthMm + CT_LUNGS.regrowMm);
  const aerated = grown.slice();
  for (let n = 0; n < aerated.length; n++) if (aerated[n] === OTHER_AIR) aerated[n] = 0;
  return {
    aerated,
    closed: closeEach(aerated, grown, grid),
    body: maskWhere(open, (isOpen) => isOpen === 0),
    right: extentOf(aerated, RIGHT_LUNG, grid),
    left: extentOf(aerated, LEFT_LUNG, grid),
  };
}

/** Marks the deep parts of the right lung, the left lung and other air, at the least depth that parts the lungs. */
function separateCores(innerAir: Uint8Array, anatomy: AnatomyGrid): { marks: Uint8Array; depthMm: number } {
  const { nx, ny, nz } = anatomy.grid;
  const depths = distanceToOutsideMm(innerAir, anatomy.grid);
  let fallback: { marks: Uint8Array; depthMm: number } | null = null;
  for (const depthMm of CT_LUNGS.separationDepthsMm) {
    const deep = maskWhere(depths, (distanceMm) => distanceMm > depthMm);
    const { labels, sizes } = labelComponents(deep, nx, ny, nz);
    const lungs = describeCores(labels, sizes.length, anatomy).filter(isLungLike);
    const pair = findPair(lungs, anatomy.grid);
    const markOf = new Uint8Array(sizes.length).fill(OTHER_AIR);
    markOf[0] = 0;
    if (pair) markPair(markOf, pair, lungs, anatomy.grid);
    else if (lungs[0]) markOf[lungs[0].label] = lungs[0].centre[0] < (nx - 1) / 2 ? RIGHT_LUNG : LEFT_LUNG;
    const marks = new Uint8Array(labels.length);
    for (let n = 0; n < marks.length; n++) marks[n] = markOf[labels[n]!]!;
    if (pair) return { marks, depthMm };
    fallback ??= { marks, depthMm };
  }
  return fallback!;
}

function isLungLike(core: AirCore): boolean {
  const [least, most] = CT_LUNGS.meanHu;
  return core.meanHu >= least && core.meanHu <= most;
}

interface Pair {
  readonly right: AirCore;
  readonly left: AirCore;
}

/** The largest core and the largest one on its other side. */
function findPair(lungs: readonly AirCore[], grid: Grid): Pair | null {
  const first = lungs[0];
  if (!first) return null;
  const apart = lungs.find(
    (core) =>
      core !== first &&
      core.size >= CT_LUNGS.smallerLungShare * first.size &&
      Math.abs(core.centre[0] - first.centre[0]) * grid.spacingMm[0] >= CT_LUNGS.leastDistanceMm,
  );
  if (!apart) return null;
  return first.centre[0] < apart.centre[0] ? { right: first, left: apart } : { right: apart, left: first };
}

/** Further pieces of lung, behind a fissure or an effusion, go to the lung of their side; the trachea lies between. */
function markPair(markOf: Uint8Array, { right, left }: Pair, lungs: readonly AirCore[], grid: Grid): void {
  const middleX = (right.centre[0] + left.centre[0]) / 2;
  const isWithin = (core: AirCore): boolean =>
    [0, 1, 2].every(
      (axis) =>
        core.centre[axis]! >= Math.min(right.first[axis]!, left.first[axis]!) &&
        core.centre[axis]! <= Math.max(right.last[axis]!, left.last[axis]!),
    );
  for (const core of lungs) {
    const offMiddleMm = Math.abs(core.centre[0] - middleX) * grid.spacingMm[0];
    if (!isWithin(core) || offMiddleMm < CT_LUNGS.leastDistanceMm / 2) continue;
    markOf[core.label] = core.centre[0] < middleX ? RIGHT_LUNG : LEFT_LUNG;
  }
  markOf[right.label] = RIGHT_LUNG;
  markOf[left.label] = LEFT_LUNG;
}

/** Closes each lung by itself; the trachea and gas elsewhere stay out. */
function closeEach(aerated: Uint8Array, grown: Uint8Array, grid: Grid): Uint8Array {
  const closed = aerated.slice();
  for (const label of [RIGHT_LUNG, LEFT_LUNG]) {
    const own = maskWhere(aerated, (mark) => mark === label);
    const filled = close(own, grid, CT_LUNGS.closingMm);
    for (let n = 0; n < closed.length; n++) if (filled[n] && !closed[n] && grown[n] !== OTHER_AIR) closed[n] = label;
  }
  return closed;
}

/** Share of a lung's cells beyond either end of its extent: stray air does not stretch it. */
const TAIL = 0.003;

function extentOf(aerated: Uint8Array, label: number, grid: Grid): LungExtent {
  const { nx, ny, nz, spacingMm } = grid;
  const profiles = [new Int32Array(nx), new Int32Array(ny), new Int32Array(nz)] as const;
  let cells = 0;
  for (let n = 0; n < gridSize(grid); n++) {
    if (aerated[n] !== label) continue;
    cells++;
    profiles[0][n % nx]!++;
    profiles[1][Math.floor(n / nx) % ny]!++;
    profiles[2][Math.floor(n / (nx * ny))]!++;
  }
  const cellMl = (spacingMm[0] * spacingMm[1] * spacingMm[2]) / 1000;
  const reach = (profile: Int32Array, share: number): number => {
    let sum = 0;
    for (let at = 0; at < profile.length; at++) {
      sum += profile[at]!;
      if (sum > share * cells) return at;
    }
    return -1;
  };
  return {
    volumeMl: cells * cellMl,
    first: profiles.map((profile) => reach(profile, TAIL)) as unknown as LungExtent['first'],
    last: profiles.map((profile) => reach(profile, 1 - TAIL)) as unknown as LungExtent['last'],
  };
}
