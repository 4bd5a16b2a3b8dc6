import type { NotAnalysable, Quality } from '@pce/shared/contracts/exam-outcome';
import { CT_LUNGS, CT_VOLUME } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import type { ChestMap } from './chest-map.js';

/** Why a volume is no chest that can be judged, or null when it is one. */
export function whyNoChest(volume: Volume, chest: ChestMap | null): NotAnalysable | null {
  const refuse = (code: string, expected: string, received: string): NotAnalysable => ({
    kind: 'not-analysable',
    reason: { code, message: `Expected ${expected}; received ${received}.` },
  });
  const fieldMm = Math.min(volume.columns * volume.spacingMm[0], volume.rows * volume.spacingMm[1]);
  if (fieldMm < CT_VOLUME.minFieldOfViewMm) {
    const expected = `a field of view of at least ${CT_VOLUME.minFieldOfViewMm} mm`;
    return refuse('crop', expected, `${Math.round(fieldMm)} mm`);
  }
  if (chest === null) return refuse('no-lungs', 'a chest with aerated lungs', 'a volume without air inside a body');
  const { right, left } = chest.lungs;
  const volumeMl = right.volumeMl + left.volumeMl;
  if (volumeMl < CT_LUNGS.minVolumeMl) {
    return refuse(
      'too-little-lung',
      `at least ${CT_LUNGS.minVolumeMl} ml of aerated lung`,
      `${Math.round(volumeMl)} ml`,
    );
  }
  if (volumeMl > CT_LUNGS.maxVolumeMl) {
    return refuse(
      'no-lungs',
      `at most ${CT_LUNGS.maxVolumeMl} ml of aerated lung`,
      `${Math.round(volumeMl)} ml of air`,
    );
  }
  const heightMm = lungHeightMm(chest);
  if (heightMm < CT_LUNGS.minHeightMm) {
    return refuse('too-little-lung', `lungs over at least ${CT_LUNGS.minHeightMm} mm`, `${Math.round(heightMm)} mm`);
  }
  const smaller = Math.min(right.volumeMl, left.volumeMl) / volumeMl;
  if (smaller < CT_LUNGS.minSideShare) {
    return refuse('one-lung', 'two aerated lungs', `${Math.round(smaller * 100)} % of the air on one side`);
  }
  const parenchymaHu = medianAerated(chest);
  const [low, high] = CT_LUNGS.parenchymaHu;
  if (parenchymaHu < low || parenchymaHu > high) {
    return refuse('no-parenchyma', `lung of ${low} to ${high} HU`, `air of ${Math.round(parenchymaHu)} HU`);
  }
  return null;
}

function lungHeightMm({ lungs, anatomy }: ChestMap): number {
  const present = [lungs.right, lungs.left].filter((lung) => lung.volumeMl > 0);
  const from = Math.min(...present.map((lung) => lung.first[2]));
  const to = Math.max(...present.map((lung) => lung.last[2]));
  return (to - from + 1) * anatomy.grid.spacingMm[2];
}

function medianAerated({ lungs, anatomy }: ChestMap): number {
  const values: number[] = [];
  for (let n = 0; n < lungs.aerated.length; n++) if (lungs.aerated[n]) values.push(anatomy.meanHu[n]!);
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
}

/** How well the series can show small emboli. */
export function chestQuality(volume: Volume, chest: ChestMap): Quality {
  const remarks = [...volume.remarks];
  const limits: string[] = [];
  const coarsestMm = Math.max(volume.spacingMm[2], volume.sliceThicknessMm ?? 0);
  if (coarsestMm > CT_VOLUME.thinSliceMm) {
    limits.push(`Slice spacing ${coarsestMm.toFixed(1)} mm: thin emboli may not show.`);
  }
  const heightMm = lungHeightMm(chest);
  if (heightMm < CT_LUNGS.wholeHeightMm) limits.push(`Lungs shown over ${Math.round(heightMm)} mm only.`);
  const noiseHu = Math.round(chest.blood.noiseHu);
  if (noiseHu > CT_LUNGS.noisyHu) limits.push(`Noise ${noiseHu} HU: thin emboli may not show.`);
  return { level: limits.length > 0 ? 'limited' : 'diagnostic', remarks: [...remarks, ...limits] };
}
