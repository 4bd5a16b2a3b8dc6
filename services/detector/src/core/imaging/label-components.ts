/** A labelled mask: 0 outside, 1..count inside, with the number of voxels of each label at its index. */
export interface Labels {
  readonly labels: Int32Array;
  readonly sizes: readonly number[];
}

/**
 * Connected components of a mask of shape [nz, ny, nx], face neighbours (6-connected).
 *
 * @param mask non-zero is inside
 */
export function labelComponents(mask: Uint8Array, nx: number, ny: number, nz: number): Labels {
  const labels = new Int32Array(mask.length);
  const stack = new Int32Array(mask.length);
  const sizes: number[] = [0];
  const plane = nx * ny;
  for (let seed = 0; seed < mask.length; seed++) {
    if (mask[seed] === 0 || labels[seed] !== 0) continue;
    const label = sizes.length;
    let top = 0;
    let size = 0;
    stack[top++] = seed;
    labels[seed] = label;
    while (top > 0) {
      const at = stack[--top]!;
      size += 1;
      const i = at % nx;
      const j = Math.floor(at / nx) % ny;
      const k = Math.floor(at / plane);
      // Each neighbour is pushed once: it is labelled when it is pushed.
      if (i > 0 && mask[at - 1] !== 0 && labels[at - 1] === 0) {
        labels[at - 1] = label;
        stack[top++] = at - 1;
      }
      if (i + 1 < nx && mask[at + 1] !== 0 && labels[at + 1] === 0) {
        labels[at + 1] = label;
        stack[top++] = at + 1;
      }
      if (j > 0 && mask[at - nx] !== 0 && labels[at - nx] === 0) {
        labels[at - nx] = label;
        stack[top++] = at - nx;
      }
      if (j + 1 < ny && mask[at + nx] !== 0 && labels[at + nx] === 0) {
        labels[at + nx] = label;
        stack[top++] = at + nx;
      }
      if (k > 0 && mask[at - plane] !== 0 && labels[at - plane] === 0) {
        labels[at - plane] = label;
        stack[top++] = at - plane;
      }
      if (k + 1 < nz && mask[at + plane] !== 0 && labels[at + plane] === 0) {
        labels[at + plane] = label;
        stack[top++] = at + plane;
      }
    }
    sizes.push(size);
  }
  return { labels, sizes };
}
