import { connectedComponents } from '../imaging/components.js';
import { distanceToOutsideMm } from '../imaging/distance.js';
import { growMarks } from '../imaging/geodesic.js';
import { type Grid, gridSize } from '../imaging/grid.js';
import { maskWhere } from '../imaging/mask.js';
import { close } from '../imaging/morphology.js';
import { ANATOMY } from '../parameters.js';
import type { AnatomyGrid } from './anatomy-grid.js';

/** Labels of the lung masks. */
export const RIGHT_LUNG = 1;
export const LEFT_LUNG = 2;

/** The lungs on the anatomy grid. */
export interface Lungs {
  /** Aerated lung: 0, RIGHT_LUNG or LEFT_LUNG. */
  readonly aerated: Uint8Array;
  /** The same, closed over vessels, hilum and dense lesions. */
  readonly closed: Uint8Array;
  /** Air inside the body that is no lung: trachea, bronchi, gas in gullet or bowel. */
  readonly otherAir: Uint8Array;
  /** 1 where the patient is, skin included. */
  readonly body: Uint8Array;
  /** Aerated volume of the right and the left lung, mL. */
  readonly volumeMl: readonly [right: number, left: number];
}

/** Finds both lungs, told apart by the patient's side. A missing lung has volume 0. */
export function findLungs(anatomy: AnatomyGrid): Lungs {
  const { grid, meanHu } = anatomy;
  const open = openAir(meanHu, grid);
  const body = maskWhere(open, (isOpen) => isOpen === 0);
  const innerAir = maskWhere(meanHu, (hu, n) => hu < ANATOMY.airBelowHu && !open[n]);
  const cores = separateCores(innerAir, anatomy);
  const grown = growMarks(innerAir, cores.marks, grid, cores.depthMm + ANATOMY.regrowMm);
  const aerated = grown.slice();
  for (let n = 0; n < aerated.length; n++) if (aerated[n] === OTHER_AIR) aerated[n] = 0;
  const otherAir = maskWhere(innerAir, (isAir, n) => isAir !== 0 && !aerated[n]);
  const cellMl = (grid.spacingMm[0] * grid.spacingMm[1] * grid.spacingMm[2]) / 1000;
  const cells = [0, 0, 0];
  for (let n = 0; n < aerated.length; n++) cells[aerated[n]!]!++;
  return {
    aerated,
    closed: closeEach(aerated, otherAir, grid),
    otherAir,
    body,
    volumeMl: [cells[RIGHT_LUNG]! * cellMl, cells[LEFT_LUNG]! * cellMl],
  };
}

/** Air that reaches the sides of the picture, slice by slice, so that no nostril lets it into the airways. */
function openAir(meanHu: Int16Array, grid: Grid): Uint8Array {
  const { nx, ny, nz } = grid;
  const open = new Uint8Array(gridSize(grid));
  const stack: number[] = [];
  for (let z = 0; z < nz; z++) {
    const base = z * nx * ny;
    const seed = (n: number): void => {
      if (meanHu[n]! < ANATOMY.openAirBelowHu && !open[n]) {
        open[n] = 1;
        stack.push(n);
      }
    };
    for (let x = 0; x < nx; x++) {
      seed(base + x);
      seed(base + (ny - 1) * nx + x);
    }
    for (let y = 0; y < ny; y++) {
      seed(base + y * nx);
      seed(base + y * nx + nx - 1);
    }
    while (stack.length > 0) {
      const n = stack.pop()!;
      const x = n % nx;
      const y = Math.floor((n - base) / nx);
      const visit = (next: number): void => {
        if (open[next] || meanHu[next]! >= ANATOMY.airBelowHu) return;
        open[next] = 1;
        stack.push(next);
      };
      if (x > 0) visit(n - 1);
      if (x < nx - 1) visit(n + 1);
      if (y > 0) visit(n - nx);
      if (y < ny - 1) visit(n + nx);
    }
  }
  return open;
}

const OTHER_AIR = 3;

interface Core {
  readonly label: number;
  readonly size: number;
  readonly meanHu: number;
  readonly centreX: number;
  readonly heightMm: number;
}

/** Marks the deep parts of the right lung, the left lung and other air, at the least depth that parts the lungs. */
function separateCores(innerAir: Uint8Array, anatomy: AnatomyGrid): { marks: Uint8Array; depthMm: number } {
  const depths = distanceToOutsideMm(innerAir, anatomy.grid);
  let fallback: { marks: Uint8Array; depthMm: number } | null = null;
  for (const depthMm of ANATOMY.separationDepthsMm) {
    const deep = maskWhere(depths, (distanceMm) => distanceMm > depthMm);
    const { labels, sizes } = connectedComponents(deep, anatomy.grid);
    const cores = describeCores(labels, sizes, anatomy);
    const lungs = cores.filter(isLungLike);
    const pair = findPair(lungs, anatomy.grid);
    const side = (core: Core): number => (core.centreX < (anatomy.grid.nx - 1) / 2 ? RIGHT_LUNG : LEFT_LUNG);
    const mark = new Uint8Array(sizes.length).fill(OTHER_AIR);
    mark[0] = 0;
    if (pair) {
      mark[pair.right.label] = RIGHT_LUNG;
      mark[pair.left.label] = LEFT_LUNG;
    } else if (lungs[0]) {
      mark[lungs[0].label] = side(lungs[0]);
    }
    // Other pieces of lung, behind a fissure or an effusion, belong to the lung of their side.
    if (pair) {
      const middleX = (pair.right.centreX + pair.left.centreX) / 2;
      for (const core of lungs) {
        if (mark[core.label] === OTHER_AIR) mark[core.label] = core.centreX < middleX ? RIGHT_LUNG : LEFT_LUNG;
      }
    }
    const marks = new Uint8Array(labels.length);
    for (let n = 0; n < marks.length; n++) marks[n] = mark[labels[n]!]!;
    if (pair) return { marks, depthMm };
    fallback ??= { marks, depthMm };
  }
  return fallback!;
}

function describeCores(labels: Int32Array, sizes: readonly number[], anatomy: AnatomyGrid): Core[] {
  const { nx, ny, nz, spacingMm } = anatomy.grid;
  const sumHu = new Float64Array(sizes.length);
  const sumX = new Float64Array(sizes.length);
  const lowest = new Int32Array(sizes.length).fill(nz);
  const highest = new Int32Array(sizes.length).fill(-1);
  for (let n = 0; n < labels.length; n++) {
    const label = labels[n]!;
    if (!label) continue;
    const z = Math.floor(n / (nx * ny));
    sumHu[label]! += anatomy.meanHu[n]!;
    sumX[label]! += n % nx;
    if (z < lowest[label]!) lowest[label] = z;
    if (z > highest[label]!) highest[label] = z;
  }
  return sizes.slice(1).map((size, index) => {
    const label = index + 1;
    return {
      label,
      size,
      meanHu: sumHu[label]! / size,
      centreX: sumX[label]! / size,
      heightMm: (highest[label]! - lowest[label]! + 1) * spacingMm[2],
    };
  });
}

function isLungLike(core: Core): boolean {
  const [least, most] = ANATOMY.lungMeanHu;
  return core.meanHu >= least && core.meanHu <= most;
}

/** The largest core and the largest one on its other side. */
function findPair(lungs: readonly Core[], grid: Grid): { right: Core; left: Core } | null {
  const first = lungs[0];
  if (!first) return null;
  const apart = lungs.find(
    (core) =>
      core !== first &&
      core.size >= ANATOMY.smallerLungShare * first.size &&
      Math.abs(core.centreX - first.centreX) * grid.spacingMm[0] >= ANATOMY.leastLungDistanceMm,
  );
  if (!apart) return null;
  return first.centreX < apart.centreX ? { right: first, left: apart } : { right: apart, left: first };
}

/** Closes each lung by itself. The airway belongs to neither. */
function closeEach(aerated: Uint8Array, otherAir: Uint8Array, grid: Grid): Uint8Array {
  const closed = aerated.slice();
  for (const label of [RIGHT_LUNG, LEFT_LUNG]) {
    const own = maskWhere(aerated, (mark) => mark === label);
    const filled = close(own, grid, ANATOMY.closingMm);
    for (let n = 0; n < closed.length; n++) if (filled[n] && !closed[n] && !otherAir[n]) closed[n] = label;
  }
  return closed;
}
