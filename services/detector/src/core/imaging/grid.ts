/** A regular grid of samples; arrays over it are flat with shape [nz, ny, nx]. */
export interface Grid {
  readonly nx: number;
  readonly ny: number;
  readonly nz: number;
  /** Distance of neighbouring samples along x, y and z, in millimetres. */
  readonly spacingMm: readonly [number, number, number];
}

/** How many samples a grid has. */
export function gridSize(grid: Grid): number {
  return grid.nx * grid.ny * grid.nz;
}
