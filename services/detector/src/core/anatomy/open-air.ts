import { type Grid, gridSize } from '../imaging/grid.js';
import { CT_LUNGS } from '../parameters.js';

/**
 * Air that reaches the sides of the picture. It is followed slice by slice, so that no nostril lets it into the
 * airways; and it starts only where it is thinner than lung, so that a lung cut by the field of view stays lung.
 *
 * @returns 1 in open air
 */
export function openAir(meanHu: Int16Array, grid: Grid): Uint8Array {
  const { nx, ny, nz } = grid;
  const open = new Uint8Array(gridSize(grid));
  const stack: number[] = [];
  const push = (n: number, belowHu: number): void => {
    if (open[n] || meanHu[n]! >= belowHu) return;
    open[n] = 1;
    stack.push(n);
  };
  for (let z = 0; z < nz; z++) {
    const base = z * nx * ny;
    for (let x = 0; x < nx; x++) {
      push(base + x, CT_LUNGS.openAirBelowHu);
      push(base + (ny - 1) * nx + x, CT_LUNGS.openAirBelowHu);
    }
    for (let y = 0; y < ny; y++) {
      push(base + y * nx, CT_LUNGS.openAirBelowHu);
      push(base + y * nx + nx - 1, CT_LUNGS.openAirBelowHu);
    }
    while (stack.length > 0) {
      const n = stack.pop()!;
      const x = (n - base) % nx;
      const y = Math.floor((n - base) / nx);
      if (x > 0) push(n - 1, CT_LUNGS.airBelowHu);
      if (x < nx - 1) push(n + 1, CT_LUNGS.airBelowHu);
      if (y > 0) push(n - nx, CT_LUNGS.airBelowHu);
      if (y < ny - 1) push(n + nx, CT_LUNGS.airBelowHu);
    }
  }
  return open;
}
