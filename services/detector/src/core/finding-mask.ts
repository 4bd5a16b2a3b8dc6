import type { MaskSlice } from '@pce/shared/contracts/finding';
import type { Volume } from './volume/volume.js';

/**
 * The voxels of a finding as runs of pixels on the images they lie on, in slice order.
 *
 * @param voxels indices into the volume, in any order
 */
export function findingMask(volume: Pick<Volume, 'columns' | 'rows' | 'sliceImages'>, voxels: Int32Array): MaskSlice[] {
  const perSlice = volume.columns * volume.rows;
  const slices = new Map<number, number[]>();
  for (const voxel of Int32Array.from(voxels).sort()) {
    const k = Math.floor(voxel / perSlice);
    const pixel = voxel - k * perSlice;
    const runs = slices.get(k) ?? [];
    const [first, length] = runs.slice(-2);
    if (first !== undefined && first + length! === pixel) runs[runs.length - 1] = length! + 1;
    else runs.push(pixel, 1);
    slices.set(k, runs);
  }
  return [...slices].map(([k, runs]) => ({ image: volume.sliceImages[k]!, runs }));
}
