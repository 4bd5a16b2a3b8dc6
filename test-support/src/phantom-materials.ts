/**
 * Attenuations in Hounsfield units at 70 keV.
 * Source: design notes on the disease (computed from attenuation tables) for cement, bone, iodine and metals;
 * usual values of anatomy texts for the rest.
 */
export const HU = {
  air: -1000,
  lung: -865,
  fat: -100,
  muscle: 50,
  soft: 35,
  blood: 42,
  myocardium: 50,
  liver: 58,
  stomach: 30,
  airwayWall: 0,
  cartilage: 110,
  cortex: 1100,
  trabecular: 140,
  endplate: 480,
  couch: -700,
  calcium: 900,
  titanium: 11500,
  steel: 32000,
  catheter: 1800,
} as const;

/** Attenuation of cement by its weight percent of barium sulfate, at 70 keV. */
const CEMENT_HU_BY_BASO4: readonly (readonly [percent: number, hu: number])[] = [
  [0, 130],
  [10, 2370],
  [19, 4720],
  [30, 8130],
];

/** Attenuation of the blood pool after contrast, in pulmonary arterial phase. 10 to 20 mg/mL iodine: 310 to 570 HU. */
export const ENHANCED_HU = {
  superiorVenaCava: 480,
  rightHeart: 400,
  pulmonaryArtery: 380,
  pulmonaryVein: 260,
  leftHeart: 240,
  aorta: 220,
  inferiorVenaCava: 90,
  myocardium: 80,
} as const;

function interpolate(table: readonly (readonly [number, number])[], x: number): number {
  let i = 0;
  while (i + 2 < table.length && x > table[i + 1]![0]) i++;
  const [x0, y0] = table[i]!;
  const [x1, y1] = table[i + 1]!;
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

/** Attenuation of cement with `percent` weight percent barium sulfate. */
export function cementHu(percent: number): number {
  return interpolate(CEMENT_HU_BY_BASO4, percent);
}
