import type { NotAnalysable, Quality } from '@pce/shared/contracts/exam-outcome';
import { CT_LUNGS, CT_VOLUME } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import type { Lungs } from './coarse-lungs.js';

/** Why a volume is no chest that can be judged, or null when it is one. */
export function whyNoChest(lungs: Lungs | null): NotAnalysable | null {
  const refuse = (code: string, expected: string, received: string): NotAnalysable => ({
    kind: 'not-analysable',
    reason: { code, message: `Expected ${expected}; received ${received}.` },
  });
  if (lungs === null) return refuse('no-lungs', 'a chest with aerated lungs', 'a volume without air inside a body');
  const { volumeMl, heightMm, shareAboveMidline } = lungs;
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
  if (heightMm < CT_LUNGS.minHeightMm) {
    return refuse('too-little-lung', `lungs over at least ${CT_LUNGS.minHeightMm} mm`, `${Math.round(heightMm)} mm`);
  }
  const smaller = Math.min(shareAboveMidline, 1 - shareAboveMidline);
  if (smaller < CT_LUNGS.minSideShare) {
    return refuse('one-lung', 'two aerated lungs', `${Math.round(smaller * 100)} % of the air on one side`);
  }
  const parenchymaHu = medianAerated(lungs);
  const [low, high] = CT_LUNGS.parenchymaHu;
  if (parenchymaHu < low || parenchymaHu > high) {
    return refuse('no-parenchyma', `lung of ${low} to ${high} HU`, `air of ${Math.round(parenchymaHu)} HU`);
  }
  return null;
}

function medianAerated(lungs: Lungs): number {
  const values: number[] = [];
  lungs.aerated.forEach((inside, at) => {
    if (inside !== 0) values.push(lungs.grid.hu[at]!);
  });
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
}

/** How well the series can show small emboli. */
export function chestQuality(volume: Volume, lungs: Lungs): Quality {
  const remarks = [...volume.remarks];
  const coarsestMm = Math.max(volume.spacingMm[2], volume.sliceThicknessMm ?? 0);
  if (coarsestMm > CT_VOLUME.thinSliceMm) {
    remarks.push(`Slice spacing ${coarsestMm.toFixed(1)} mm: thin emboli may not show.`);
  }
  if (lungs.heightMm < CT_LUNGS.wholeHeightMm) {
    remarks.push(`Lungs shown over ${Math.round(lungs.heightMm)} mm only.`);
  }
  const isLimited = coarsestMm > CT_VOLUME.thinSliceMm || lungs.heightMm < CT_LUNGS.wholeHeightMm;
  return { level: isLimited ? 'limited' : 'diagnostic', remarks };
}
