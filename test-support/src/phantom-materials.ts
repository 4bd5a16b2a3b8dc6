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

/** Film contrast of cement: natural logarithm of primary signal for each millimetre, by barium sulfate and tube voltage. */
const CEMENT_CONTRAST_PER_MM: Readonly<Record<75 | 120, readonly (readonly [percent: number, perMm: number])[]>> = {
  75: [
    [10, 0.1],
    [19, 0.19],
    [30, 0.3],
  ],
  120: [
    [10, 0.05],
    [19, 0.087],
    [30, 0.13],
  ],
};
/** Beam hardening: the contrast of 3 mm is 2.83 times that of 1 mm at 120 kVp. */
const HARDENING_PER_MM = 0.031;
/** Primary attenuation of water, 1/mm: effective 60 keV behind the grid at 120 kVp, 45 keV at 75 kVp. */
const WATER_PER_MM: Readonly<Record<75 | 120, number>> = { 75: 0.0246, 120: 0.0206 };
/** How much more bone stands out over water than its Hounsfield number at 70 keV says. */
const BONE_GAIN: Readonly<Record<75 | 120, number>> = { 75: 1.9, 120: 1.25 };

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

/** Geometric interpolation between the two tabulated voltages. */
function atVoltage(table: Readonly<Record<75 | 120, number>>, kVp: number): number {
  const t = (Math.min(140, Math.max(60, kVp)) - 75) / (120 - 75);
  return table[75] * (table[120] / table[75]) ** t;
}

/** Contrast of `mm` of cement over soft tissue on a film, natural logarithm of primary signal. */
export function cementFilmContrast(percent: number, mm: number, kVp: number): number {
  const perMm = atVoltage(
    { 75: interpolate(CEMENT_CONTRAST_PER_MM[75], percent), 120: interpolate(CEMENT_CONTRAST_PER_MM[120], percent) },
    kVp,
  );
  return ((perMm * (1 + HARDENING_PER_MM)) / (1 + HARDENING_PER_MM * mm)) * mm;
}

/** Linear attenuation of water on a film, 1/mm. */
export const waterAttenuationPerMm = (kVp: number): number => atVoltage(WATER_PER_MM, kVp);

/** Factor on the Hounsfield excess of bone and metal on a film. */
export const boneGain = (kVp: number): number => atVoltage(BONE_GAIN, kVp);
