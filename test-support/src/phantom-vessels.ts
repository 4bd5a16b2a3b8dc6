import { add, dot, length, mix, normalize, perpendiculars, scale, subtract, type Vec3 } from './phantom-geometry.js';
import { type Lobe, lobeAt, lungDistanceMm, type Torso } from './phantom-torso.js';
import { type Random, seededRandom } from './random.js';

/**
 * One vessel between two bifurcations. Arteries and veins are trees of branches; index in the tree is the identity.
 * Radius is constant over a branch, as in a Murray tree.
 */
export interface Branch {
  readonly parent: number;
  readonly points: readonly Vec3[];
  readonly radiusMm: number;
  readonly lobe: Lobe;
  readonly children: number[];
}

export interface VesselTrees {
  readonly arteries: readonly Branch[];
  readonly veins: readonly Branch[];
}

/** Murray exponent of pulmonary arteries. Source: Dong 2020, PMC7473930. */
const MURRAY_EXPONENT = 2.9;
/** Bifurcation angle to the parent, degrees: mean and standard deviation. Source: Dong 2020, PMC7473930. */
const BIFURCATION_ANGLE_DEG = 28;
const BIFURCATION_ANGLE_SD_DEG = 15;
const MAX_ANGLE_DEG = 62;
/** Path length over chord, minus one. Source: Dong 2020, PMC7473930. */
const TORTUOSITY = 0.026;
const SMALLEST_RADIUS_MM = 0.38;
/** Each child reaches this share of the way to the middle of what it supplies. Source: Tawhai's volume filling, usual value 0.4. */
const STEP_SHARE = 0.38;
const POINTS_PER_LOBE = 420;

interface Stem {
  readonly lobe: Lobe;
  readonly path: readonly Vec3[];
  readonly radiusMm: number;
}

/** Lobar arteries from the bifurcation of the pulmonary trunk, in LPS mm. Calibre of lobar arteries 6 to 10 mm. */
function arterialStems(): { trunk: Branch[]; stems: (Stem & { parent: number })[] } {
  const branch = (parent: number, points: Vec3[], radiusMm: number, lobe: Lobe): Branch => ({
    parent,
    points,
    radiusMm,
    lobe,
    children: [],
  });
  const trunk = [
    branch(
      -1,
      [
        [8, -50, -40],
        [12, -44, -24],
        [13, -32, -11],
        [12, -22, -6],
      ],
      13,
      'left-upper',
    ),
    branch(
      0,
      [
        [12, -22, -6],
        [-6, -12, -13],
        [-26, -6, -17],
        [-40, 0, -18],
      ],
      10,
      'right-lower',
    ),
    branch(
      0,
      [
        [12, -22, -6],
        [26, -8, 0],
        [38, 8, 0],
        [44, 18, -8],
      ],
      10,
      'left-lower',
    ),
    branch(
      1,
      [
        [-40, 0, -18],
        [-46, 8, -32],
        [-47, 14, -46],
      ],
      7.5,
      'right-lower',
    ),
    branch(
      2,
      [
        [44, 18, -8],
        [47, 23, -24],
        [48, 25, -42],
      ],
      7.5,
      'left-lower',
    ),
  ];
  const stems = [
    {
      lobe: 'right-upper' as const,
      parent: 1,
      radiusMm: 5.2,
      path: [
        [-40, 0, -18],
        [-48, 2, -6],
        [-54, 4, 6],
      ] as Vec3[],
    },
    {
      lobe: 'left-upper' as const,
      parent: 2,
      radiusMm: 5.4,
      path: [
        [44, 18, -8],
        [52, 8, 2],
        [58, 0, 8],
      ] as Vec3[],
    },
    {
      lobe: 'right-middle' as const,
      parent: 3,
      radiusMm: 3.8,
      path: [
        [-47, 14, -46],
        [-56, 0, -50],
        [-64, -14, -54],
      ] as Vec3[],
    },
    {
      lobe: 'right-lower' as const,
      parent: 3,
      radiusMm: 5.6,
      path: [
        [-47, 14, -46],
        [-50, 24, -62],
        [-54, 32, -72],
      ] as Vec3[],
    },
    {
      lobe: 'left-lower' as const,
      parent: 4,
      radiusMm: 5.6,
      path: [
        [48, 25, -42],
        [53, 32, -58],
        [57, 38, -68],
      ] as Vec3[],
    },
  ];
  return { trunk, stems };
}

function venousStems(): Stem[] {
  return [
    {
      lobe: 'right-upper',
      radiusMm: 5.2,
      path: [
        [-16, 12, -44],
        [-34, 2, -38],
        [-52, -10, -18],
      ],
    },
    {
      lobe: 'right-middle',
      radiusMm: 3.6,
      path: [
        [-16, 10, -47],
        [-38, -6, -50],
        [-58, -22, -62],
      ],
    },
    {
      lobe: 'right-lower',
      radiusMm: 5.4,
      path: [
        [-14, 20, -56],
        [-36, 28, -64],
        [-52, 36, -82],
      ],
    },
    {
      lobe: 'left-upper',
      radiusMm: 5.4,
      path: [
        [22, 12, -38],
        [40, 0, -28],
        [54, -14, -8],
      ],
    },
    {
      lobe: 'left-lower',
      radiusMm: 5.4,
      path: [
        [20, 22, -52],
        [42, 30, -60],
        [58, 40, -80],
      ],
    },
  ];
}

/** Random points of one lobe, evenly spread, at least `marginMm` under the pleura. */
function lobePoints(torso: Torso, lobe: Lobe, random: Random): Vec3[] {
  const points: Vec3[] = [];
  const right = lobe.startsWith('right');
  const count = lobe === 'right-middle' ? POINTS_PER_LOBE / 2 : POINTS_PER_LOBE;
  while (points.length < count) {
    const x = random.between(18, 135) * (right ? -1 : 1);
    const p: Vec3 = [x, random.between(-90, 92), random.between(-175, 92)];
    if (lobeAt(p) === lobe && lungDistanceMm(torso, p) < -2.5) points.push(p);
  }
  return points;
}

const mean = (points: readonly Vec3[]): Vec3 => scale(points.reduce(add, [0, 0, 0]), 1 / points.length);

/** Direction of largest spread, perpendicular to `along`, by a few power iterations on the scatter matrix. */
function spreadDirection(points: readonly Vec3[], center: Vec3, along: Vec3): Vec3 {
  let [direction] = perpendiculars(along);
  for (let iteration = 0; iteration < 6; iteration++) {
    let next: Vec3 = [0, 0, 0];
    for (const p of points) {
      const d = subtract(p, center);
      next = add(next, scale(d, dot(d, direction)));
    }
    direction = normalize(subtract(next, scale(along, dot(next, along))));
  }
  return direction;
}

/** Turns `wanted` towards `along` until the angle between them is at most `maxDeg`. */
function limitAngle(wanted: Vec3, along: Vec3, maxDeg: number): Vec3 {
  const limit = (maxDeg * Math.PI) / 180;
  const angle = Math.acos(Math.min(1, Math.max(-1, dot(wanted, along))));
  if (angle <= limit) return wanted;
  const side = normalize(subtract(wanted, scale(along, dot(wanted, along))));
  return add(scale(along, Math.cos(limit)), scale(side, Math.sin(limit)));
}

/** A slightly bent path from `a` to `b`. */
function bend(a: Vec3, b: Vec3, random: Random): Vec3[] {
  const chord = subtract(b, a);
  const [u, v] = perpendiculars(normalize(chord));
  // a sine arc of amplitude h over chord c is longer by (pi h / 2c)^2
  const amplitude = ((length(chord) * 2) / Math.PI) * Math.sqrt(TORTUOSITY) * Math.min(1.6, Math.abs(random.normal()));
  const turn = random.between(0, 2 * Math.PI);
  const side = add(scale(u, Math.cos(turn) * amplitude), scale(v, Math.sin(turn) * amplitude));
  const pieces = Math.max(1, Math.round(length(chord) / 4));
  const points: Vec3[] = [];
  for (let i = 0; i <= pieces; i++) {
    points.push(add(mix(a, b, i / pieces), scale(side, Math.sin((Math.PI * i) / pieces))));
  }
  return points;
}

interface Growth {
  readonly torso: Torso;
  readonly branches: Branch[];
  readonly random: Random;
  readonly lobe: Lobe;
}

/** Splits the supplied points in two and grows a child to each half, until one point or the smallest radius is left. */
function grow(growth: Growth, parent: number, end: Vec3, along: Vec3, radiusMm: number, points: readonly Vec3[]): void {
  if (points.length < 2 || radiusMm < SMALLEST_RADIUS_MM) return;
  const center = mean(points);
  const direction = spreadDirection(points, center, along);
  const sides = [
    points.filter((p) => dot(subtract(p, center), direction) < 0),
    points.filter((p) => dot(subtract(p, center), direction) >= 0),
  ];
  for (const half of sides) {
    if (half.length === 0) continue;
    const childRadius = radiusMm * (half.length / points.length) ** (1 / MURRAY_EXPONENT);
    growChild(growth, parent, end, along, childRadius, half);
  }
}

function growChild(
  growth: Growth,
  parent: number,
  end: Vec3,
  along: Vec3,
  radiusMm: number,
  points: readonly Vec3[],
): void {
  const { random, branches, torso, lobe } = growth;
  const target = mean(points);
  const wanted = normalize(subtract(target, end));
  const share = Math.min(
    MAX_ANGLE_DEG,
    BIFURCATION_ANGLE_DEG + BIFURCATION_ANGLE_SD_DEG * Math.abs(random.normal()) * 1.3,
  );
  const direction = limitAngle(wanted, along, share);
  let reach = Math.max(length(subtract(target, end)) * STEP_SHARE, 2.5 * radiusMm);
  let tip = add(end, scale(direction, reach));
  for (let attempt = 0; attempt < 5 && lungDistanceMm(torso, tip) > -1.5; attempt++) {
    reach *= 0.6;
    tip = add(end, scale(direction, reach));
  }
  if (lungDistanceMm(torso, tip) > -1) return;
  const index = branches.length;
  branches.push({ parent, points: bend(end, tip, random), radiusMm, lobe, children: [] });
  branches[parent]?.children.push(index);
  grow(growth, index, tip, direction, radiusMm, points);
}

function growLobe(torso: Torso, branches: Branch[], stem: Stem, parent: number, random: Random): void {
  const index = branches.length;
  branches.push({ parent, points: [...stem.path], radiusMm: stem.radiusMm, lobe: stem.lobe, children: [] });
  branches[parent]?.children.push(index);
  const end = stem.path[stem.path.length - 1]!;
  const along = normalize(subtract(end, stem.path[stem.path.length - 2]!));
  grow(
    { torso, branches, random, lobe: stem.lobe },
    index,
    end,
    along,
    stem.radiusMm,
    lobePoints(torso, stem.lobe, random),
  );
}

/** Pulmonary arteries and veins that fill the lungs, by recursive volume-filling bifurcation with Murray's law. */
export function makeVessels(torso: Torso): VesselTrees {
  const { trunk, stems } = arterialStems();
  const arteries: Branch[] = [...trunk];
  for (const [index, branch] of trunk.entries()) trunk[branch.parent]?.children.push(index);
  for (const stem of stems)
    growLobe(torso, arteries, stem, stem.parent, seededRandom(torso.seed, `artery ${stem.lobe}`));
  const veins: Branch[] = [];
  for (const stem of venousStems()) growLobe(torso, veins, stem, -1, seededRandom(torso.seed, `vein ${stem.lobe}`));
  return { arteries, veins };
}
