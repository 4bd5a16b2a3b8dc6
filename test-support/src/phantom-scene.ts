import { type Anatomy, type ContrastPhase, makeAnatomy } from './phantom-anatomy.js';
import {
  type EmbolusSpec,
  type LeakSpec,
  type Placed,
  placeEmbolus,
  placeLeak,
  placeVertebralCement,
  tubesVolumeMm3,
  type VertebralCementSpec,
} from './phantom-cement.js';
import { add, scale, type Vec3 } from './phantom-geometry.js';
import { type MimicKind, placeMimic } from './phantom-mimics.js';
import { lobeAt, zoneAt } from './phantom-torso.js';
import { type Random, seededRandom } from './random.js';
import type { TruthObject } from './truth.js';

/** What a phantom study shows, whatever the modality. */
export interface SceneOptions {
  /** Chooses the anatomy, the places and the noise. The same seed gives the same bytes. */
  readonly seed: number;
  /** Goes into the UIDs: the same images as another study. @default none */
  readonly uidSalt?: string;
  /** @default 'none' */
  readonly contrast?: ContrastPhase;
  /** Emboli to put in, or how many of mixed kind. @default 0 */
  readonly emboli?: readonly EmbolusSpec[] | number;
  /** @default none */
  readonly vertebralCement?: readonly VertebralCementSpec[];
  /** @default none */
  readonly leaks?: readonly LeakSpec[];
  /** @default none */
  readonly mimics?: readonly MimicKind[];
}

export interface Scene {
  readonly anatomy: Anatomy;
  readonly placed: readonly Placed[];
}

const MIXED: readonly EmbolusSpec['morphology'][] = [
  'branching',
  'tubular',
  'beaded',
  'tubular',
  'branching',
  'punctate',
];

function mixedEmboli(count: number, random: Random): EmbolusSpec[] {
  return Array.from({ length: count }, (_, i) => ({
    morphology: MIXED[i % MIXED.length]!,
    calibreMm: random.between(1.2, 3),
  }));
}

/** The anatomy with everything put into it. */
export function makeScene(options: SceneOptions, arms: 'up' | 'down'): Scene {
  const { seed, contrast = 'none', emboli = 0, vertebralCement = [], leaks = [], mimics = [] } = options;
  const anatomy = makeAnatomy(seed, contrast, arms);
  const random = seededRandom(seed, 'emboli');
  const specs = typeof emboli === 'number' ? mixedEmboli(emboli, random) : emboli;
  const placed: Placed[] = [];
  const taken: Vec3[] = [];
  for (const spec of specs) {
    const embolus = placeEmbolus(anatomy, spec, taken, random);
    placed.push(embolus);
    taken.push(...embolus.centrelines.map(middleOf));
  }
  const spine = seededRandom(seed, 'spine');
  for (const spec of vertebralCement) placed.push(placeVertebralCement(anatomy, spec, spine));
  for (const spec of leaks) placed.push(placeLeak(anatomy, spec, spine));
  for (const [i, kind] of mimics.entries())
    placed.push(placeMimic(anatomy, kind, seededRandom(seed, `mimic ${i} ${kind}`)));
  return { anatomy, placed };
}

function middleOf(points: readonly Vec3[]): Vec3 {
  return points[Math.floor(points.length / 2)]!;
}

const round3 = (value: number): number => Math.round(value * 1000) / 1000;
export const roundPoint = (p: Vec3): [number, number, number] => [round3(p[0]), round3(p[1]), round3(p[2])];

/** The part of the truth that does not depend on how the picture was taken. */
export function describePlaced(
  anatomy: Anatomy,
  placed: Placed,
  id: number,
): Omit<TruthObject, 'peakHu' | 'polylinesPx' | 'contrastToNoise' | 'visible'> {
  const all = placed.centrelines.flat();
  const centre = scale(all.reduce(add, [0, 0, 0]), 1 / all.length);
  const inLung = placed.site === 'pulmonary-artery';
  const side = Math.abs(centre[0]) < 8 && !inLung ? 'midline' : centre[0] < 0 ? 'right' : 'left';
  return {
    id,
    kind: placed.kind,
    mimic: placed.mimic,
    morphology: placed.morphology,
    site: placed.site,
    side: placed.site === 'right-heart' ? 'midline' : side,
    zone: inLung ? zoneAt(anatomy.torso, centre[2]) : null,
    lobe: inLung ? lobeAt(centre) : null,
    calibreMm: round3(placed.calibreMm),
    lengthMm: round3(placed.lengthMm),
    volumeMm3: round3(tubesVolumeMm3(placed.tubes)),
    materialHu: Math.round(placed.materialHu),
    centreLpsMm: roundPoint(centre),
    centrelinesLpsMm: placed.centrelines.map((line) => line.map(roundPoint)),
  };
}
