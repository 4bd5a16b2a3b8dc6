import { axesAlong, type Ellipsoid, smoothCurve, type Tube, type Vec3 } from './phantom-geometry.js';
import { HU } from './phantom-materials.js';
import { cageSection, spineY, type Torso } from './phantom-torso.js';

/** A vertebra of the phantom. */
export interface Vertebra {
  readonly name: string;
  readonly center: Vec3;
  readonly halfWidthMm: number;
  readonly halfDepthMm: number;
  readonly halfHeightMm: number;
}

/** A bone with a cortical shell: the marrow is the same tube, thinner. */
export interface Shell {
  readonly outer: Tube;
  readonly inner: Tube;
}

export interface Skeleton {
  readonly vertebrae: readonly Vertebra[];
  readonly shells: readonly Shell[];
  readonly cartilage: readonly Tube[];
  readonly solids: readonly Ellipsoid[];
  readonly posterior: readonly Tube[];
}

const VERTEBRAE = [
  'C6',
  'C7',
  'T1',
  'T2',
  'T3',
  'T4',
  'T5',
  'T6',
  'T7',
  'T8',
  'T9',
  'T10',
  'T11',
  'T12',
  'L1',
  'L2',
  'L3',
  'L4',
  'L5',
];
/** T5 is at the height of the carina. */
const INDEX_OF_T5 = 6;
const RIB_THICKNESS_MM = 3.2;
/** A rib is about twice as high as thick. */
const RIB_STRETCH_Z = 1.9;
const CORTEX_MM = 0.8;
/** Share of the half turn from spine to sternum that is bone; the rest is cartilage. */
const RIB_TURN = 0.8;

function makeVertebrae(torso: Torso): Vertebra[] {
  const heights = VERTEBRAE.map((_, i) => (15 + 0.72 * i + Math.max(0, i - 13) * 0.7) * torso.size);
  const discs = VERTEBRAE.map((_, i) => 3.5 + 0.22 * i);
  const z = VERTEBRAE.map(() => 0);
  for (let i = INDEX_OF_T5 + 1; i < z.length; i++) {
    z[i] = z[i - 1]! - heights[i - 1]! / 2 - discs[i]! - heights[i]! / 2;
  }
  for (let i = INDEX_OF_T5 - 1; i >= 0; i--) z[i] = z[i + 1]! + heights[i + 1]! / 2 + discs[i]! + heights[i]! / 2;
  return VERTEBRAE.map((name, i) => ({
    name,
    center: [0, spineY(z[i]!), z[i]!],
    halfWidthMm: (12.5 + 0.62 * i) * torso.size,
    halfDepthMm: (10 + 0.42 * i) * torso.size,
    halfHeightMm: heights[i]! / 2,
  }));
}

/** Centre line of rib `number` (1 to 12) from the spine forwards, and of its cartilage to the sternum. */
function ribCurve(torso: Torso, vertebra: Vertebra, number: number, side: 1 | -1): { bone: Vec3[]; cartilage: Vec3[] } {
  const drop = [26, 44, 58, 70, 80, 88, 92, 92, 86, 76, 52, 34][number - 1]! * torso.size;
  const turn = [0.74, 0.8, 0.82, 0.82, 0.82, 0.8, 0.79, 0.76, 0.72, 0.66, 0.5, 0.32][number - 1]!;
  const start = vertebra.center[2] + vertebra.halfHeightMm - 1;
  const at = (t: number): Vec3 => {
    const phi = Math.PI * (0.12 + 0.88 * t);
    const z = start - drop * (1 - Math.cos(Math.PI * Math.min(t, RIB_TURN + 0.05))) * 0.55;
    // the first ribs ride over the apex: keep a section even above it
    const section = cageSection(torso, Math.min(z, torso.apexZ - 9))!;
    const gap = RIB_THICKNESS_MM + 1.5;
    return [
      side * (section.halfWidth + gap) * Math.sin(phi),
      section.centerY + (section.halfDepth + gap) * Math.cos(phi),
      z,
    ];
  };
  const head: Vec3 = [side * (vertebra.halfWidthMm + 1), vertebra.center[1] + 6, start];
  const knots: Vec3[] = [head, [side * 30, vertebra.center[1] + 17, start - 1]];
  for (let t = 0.1; t <= turn; t += 0.06) knots.push(at(t));
  const end = knots[knots.length - 1]!;
  const sternum: Vec3 = [side * 16, -torso.cageHalfDepthMm * (number < 3 ? 0.62 : 0.93), Math.max(end[2] + 12, -92)];
  const cartilage =
    number <= 7 ? smoothCurve([end, [(end[0] + sternum[0]) / 2, sternum[1] - 1, end[2] - 2], sternum], 4) : [];
  return { bone: smoothCurve(knots, 5), cartilage };
}

function shell(points: readonly Vec3[], radiusMm: number, stretchZ: number): Shell {
  const radii = (r: number) => points.map(() => r);
  return {
    outer: { points, radiiMm: radii(radiusMm), hu: HU.cortex, stretchZ },
    inner: { points, radiiMm: radii(radiusMm - CORTEX_MM), hu: HU.trabecular, stretchZ },
  };
}

function makeClavicle(torso: Torso, side: 1 | -1): Shell {
  const s = torso.size;
  const up = torso.arms === 'up' ? 22 : 0;
  const knots: Vec3[] = [
    [side * 20, -44 * s, 66 * s],
    [side * 60, -40 * s, 74 * s + up * 0.3],
    [side * 105, -8 * s, 84 * s + up * 0.8],
    [side * 146 * s, 6 * s, 86 * s + up],
  ];
  return shell(smoothCurve(knots, 5), 5.2, 1);
}

function makeScapula(torso: Torso, side: 1 | -1): Ellipsoid[] {
  const out = torso.arms === 'up' ? 18 : 8;
  const x = side * (112 * torso.size + out);
  const lean = axesAlong([side * 0.86, -0.5, 0.1]);
  return [
    { center: [x, 84, 28], semiAxesMm: [34, 46, 2.4], axes: [lean[0], [0, 0, 1], [side * 0.5, 0.86, 0]], hu: 520 },
    { center: [side * (150 * torso.size), 42, 70], semiAxesMm: [24, 16, 13], hu: 300 },
  ];
}

/** All bones of the phantom. */
export function makeSkeleton(torso: Torso): Skeleton {
  const vertebrae = makeVertebrae(torso);
  const shells: Shell[] = [];
  const cartilage: Tube[] = [];
  const sides = [1, -1] as const;
  for (let number = 1; number <= 12; number++) {
    const vertebra = vertebrae[INDEX_OF_T5 - 5 + number]!;
    for (const side of sides) {
      const rib = ribCurve(torso, vertebra, number, side);
      shells.push(shell(rib.bone, RIB_THICKNESS_MM, RIB_STRETCH_Z));
      if (rib.cartilage.length > 0)
        cartilage.push({ points: rib.cartilage, radiiMm: rib.cartilage.map(() => 4), hu: HU.cartilage });
    }
  }
  for (const side of sides) shells.push(makeClavicle(torso, side));
  const solids: Ellipsoid[] = sides.flatMap((side) => makeScapula(torso, side));
  if (torso.arms === 'down')
    for (const side of sides)
      solids.push({ center: [side * 176 * torso.size, 30, 64], semiAxesMm: [23, 23, 25], hu: 260 });
  const chest = -torso.cageHalfDepthMm;
  solids.push({ center: [0, chest * 0.62, 52], semiAxesMm: [25, 6.5, 24], axes: tilt(0.5), hu: 220 });
  solids.push({ center: [0, chest - 3, -18], semiAxesMm: [17, 5.5, 62], axes: tilt(0.12), hu: 220 });
  return { vertebrae, shells, cartilage, solids, posterior: vertebrae.flatMap(posteriorElements) };
}

/** Axes tilted so that the upper end lies further back. */
function tilt(angle: number): [Vec3, Vec3, Vec3] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [
    [1, 0, 0],
    [0, c, -s],
    [0, s, c],
  ];
}

/** Pedicles, transverse processes, laminae and spinous process, as tubes of bone. */
function posteriorElements(vertebra: Vertebra): Tube[] {
  const [x, y, z] = vertebra.center;
  const back = y + vertebra.halfDepthMm;
  const bone = (points: Vec3[], radiusMm: number): Tube => ({ points, radiiMm: points.map(() => radiusMm), hu: 420 });
  const tubes: Tube[] = [
    bone(
      [
        [x, back + 21, z - 2],
        [x, back + 34, z - 15],
      ],
      3.6,
    ),
  ];
  for (const side of [1, -1] as const) {
    const root: Vec3 = [x + side * (vertebra.halfWidthMm - 4), back - 2, z + 3];
    const facet: Vec3 = [x + side * (vertebra.halfWidthMm - 2), back + 12, z];
    tubes.push(bone([root, facet], 4));
    tubes.push(bone([facet, [x, back + 21, z - 2]], 3.6));
    tubes.push(bone([facet, [x + side * (vertebra.halfWidthMm + 16), back + 20, z + 4]], 3.8));
  }
  return tubes;
}
