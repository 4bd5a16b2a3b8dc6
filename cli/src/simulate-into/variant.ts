import type { Volume } from '@pce/detector/core/volume/volume';
import type { Vec3 } from '@pce/test-support/phantom-geometry';
import { type Random, seededRandom } from '@pce/test-support/random';
import type { StudyTruth, TruthObject } from '@pce/test-support/truth';
import { addContrast, addMotion, reslice } from './background.js';
import { CAST_FORMS, castInSoftTissue, castInVessel, drawCementHu, mediastinalBox, vertebralCement } from './cement.js';
import type { Ground } from './ground.js';
import { gapMm, HU, type Inset } from './inset.js';
import { cellAt } from './lattice.js';
import { MIMIC_KINDS, placeMimic } from './mimics.js';
import { type Imaging, paintInsets } from './paint.js';
import type { Vessel } from './vessel-tree.js';

/** A chest CT with things put into it. */
export interface Variant {
  readonly volume: Volume;
  readonly contrast: string;
  readonly objects: readonly TruthObject[];
}

/** Slice spacing and thickness, drawn by these odds. */
const SLICINGS = [
  { odds: 0.5, spacingMm: null, thicknessMm: null },
  { odds: 0.15, spacingMm: 1, thicknessMm: 1 },
  { odds: 0.15, spacingMm: 3, thicknessMm: 3 },
  { odds: 0.2, spacingMm: 5, thicknessMm: 5 },
] as const;

/**
 * Makes one variant of a real CT: slices, contrast, mimics, cement in vertebrae, and cement emboli when it is positive.
 *
 * The same seed gives the same variant.
 */
export function makeVariant(ground: Ground, vessels: readonly Vessel[], seed: number, isPositive: boolean): Variant {
  const random = seededRandom(seed, isPositive ? 'positive' : 'negative');
  const slicing = drawSlicing(random);
  const base = reslice(
    ground.volume,
    slicing.spacingMm ?? ground.volume.spacingMm[2],
    slicing.thicknessMm ?? ground.volume.sliceThicknessMm ?? ground.volume.spacingMm[2],
    seed,
  );
  const hu = new Float32Array(base.hu);
  const iodineHu = random.uniform() < 0.4 ? random.between(120, 480) : 0;
  const cavaHu = iodineHu * random.pick([0.9, 1, 2.5, 4]);
  if (iodineHu > 0) addContrast(hu, base, ground, iodineHu, cavaHu);
  if (random.uniform() < 0.12) addMotion(hu, base, random);
  const insets = [
    ...drawSurroundings(ground, vessels, random),
    ...(isPositive ? drawEmboli(ground, vessels, HU.blood + iodineHu, random) : []),
  ];
  const imaging: Imaging = {
    psfMm: random.between(0.45, 0.75),
    thicknessMm: Math.max(base.sliceThicknessMm ?? 0, base.spacingMm[2]),
    spill: random.pick([0, 0.05, 0.1]),
    clippedAtHu: 3071,
    seed,
  };
  const peaks = paintInsets(hu, base, insets, imaging);
  const painted = new Int16Array(hu.length);
  for (let n = 0; n < hu.length; n++) painted[n] = Math.max(-1024, Math.min(imaging.clippedAtHu, Math.round(hu[n]!)));
  const volume = { ...base, hu: painted, clippedAtHu: imaging.clippedAtHu };
  const objects = insets.map((inset, n) => describe(ground, inset, peaks[n]!, n + 1));
  return { volume, contrast: iodineHu > 0 ? `iodine ${Math.round(iodineHu)} HU` : 'none', objects };
}

function drawSlicing(random: Random): (typeof SLICINGS)[number] {
  const drawn = random.uniform();
  let below = 0;
  for (const slicing of SLICINGS) {
    below += slicing.odds;
    if (drawn < below) return slicing;
  }
  return SLICINGS[0];
}

/** What positive and negative exams share: mimics, and in half of them cement in vertebrae. */
function drawSurroundings(ground: Ground, vessels: readonly Vessel[], random: Random): Inset[] {
  const insets: Inset[] = [];
  const hu = drawCementHu(random);
  for (let n = random.uniform() < 0.5 ? 1 + random.index(2) : 0; n > 0; n--)
    insets.push(...vertebralCement(ground, hu, random));
  for (let n = random.index(4); n > 0; n--) {
    const mimic = placeMimic(ground, vessels, random.pick(MIMIC_KINDS), random);
    if (mimic) insets.push(mimic);
  }
  return insets;
}

function drawEmboli(ground: Ground, vessels: readonly Vessel[], bloodHu: number, random: Random): Inset[] {
  const hu = drawCementHu(random);
  const count = random.uniform() < 0.1 ? 12 + random.index(14) : 1 + random.index(5);
  const emboli: Inset[] = [];
  const put = (inset: Inset | null): void => {
    if (inset && emboli.every((other) => gapMm(inset, other) > 12)) emboli.push(inset);
  };
  if (random.uniform() < 0.2) {
    const site = random.pick(['main', 'right-heart', 'azygos-vein', 'inferior-vena-cava'] as const);
    const { box, direction } = mediastinalBox(ground, site, random);
    const [lengthMm, calibre] = [random.between(15, 45), random.between(2, 6)];
    put(
      castInSoftTissue(
        ground,
        site === 'main' ? 'pulmonary-artery' : site,
        box,
        direction,
        lengthMm,
        calibre,
        Math.max(2370, hu),
        bloodHu,
        random,
      ),
    );
  }
  const odds = ['tubular', 'tubular', 'branching', 'branching', 'beaded', ...CAST_FORMS] as const;
  for (let attempt = 0; emboli.length < count && attempt < 3 * count; attempt++) {
    const form = attempt === 0 ? random.pick(['tubular', 'branching'] as const) : random.pick(odds);
    const calibre = random.pick([1, 1.2, 1.5, 2, 2, 2.5, 3, 4, 5, 6]);
    put(castInVessel(ground, vessels, form, calibre, hu, bloodHu, random));
  }
  return emboli;
}

function describe(ground: Ground, inset: Inset, peakHu: number, id: number): TruthObject {
  const line = inset.centrelines[0]!;
  const centre = line[line.length >> 1]!;
  const cell = cellAt(ground.lattice, centre);
  const label = cell < 0 ? 0 : ground.lung[cell]!;
  const spineX =
    ground.spine[Math.max(0, Math.min(ground.spine.length - 1, Math.round(centre[2] / ground.lattice.cellMm[2])))]!.x;
  const isRight = label === 0 ? centre[0] < spineX : label === 1;
  const [low, high] = ground.reach[isRight ? 0 : 1]!;
  const height = (centre[2] - low) / (high - low);
  return {
    id,
    kind: inset.kind,
    mimic: inset.mimic,
    morphology: inset.morphology,
    site: inset.site,
    side: isRight ? 'right' : 'left',
    zone: height < 1 / 3 ? 'lower' : height < 2 / 3 ? 'middle' : 'upper',
    lobe: null,
    calibreMm: inset.calibreMm,
    lengthMm: inset.lengthMm,
    volumeMm3: null,
    materialHu: inset.materialHu,
    peakHu,
    centreLpsMm: toLps(ground.volume, centre),
    centrelinesLpsMm: inset.centrelines.map((points) => points.map((point) => toLps(ground.volume, point))),
    polylinesPx: [],
    contrastToNoise: null,
    visible: peakHu >= 300,
  };
}

function toLps({ voxelToLpsMm: m, spacingMm }: Volume, [x, y, z]: Vec3): [number, number, number] {
  const [i, j, k] = [x / spacingMm[0], y / spacingMm[1], z / spacingMm[2]];
  return [0, 1, 2].map((row) => m[row * 4]! * i + m[row * 4 + 1]! * j + m[row * 4 + 2]! * k + m[row * 4 + 3]!) as [
    number,
    number,
    number,
  ];
}

/** Whether a study so described holds a cement embolus, and one that can be seen. */
export function presenceOf(objects: readonly TruthObject[]): Pick<StudyTruth, 'presence' | 'visiblePresence'> {
  const emboli = objects.filter(({ kind }) => kind === 'pulmonary-cement-embolism');
  return {
    presence: emboli.length ? 'present' : 'absent',
    visiblePresence: emboli.some((one) => one.visible) ? 'present' : 'absent',
  };
}
