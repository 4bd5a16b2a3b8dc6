import type { Ellipsoid, Tube, Vec3 } from './phantom-geometry.js';
import { smoothCurve, tube } from './phantom-geometry.js';
import { ENHANCED_HU, HU } from './phantom-materials.js';
import { makeSkeleton, type Skeleton } from './phantom-skeleton.js';
import { makeTorso, spineY, type Torso } from './phantom-torso.js';
import { makeVessels, type VesselTrees } from './phantom-vessels.js';

export type ContrastPhase = 'none' | 'arterial';

/** Everything of a phantom but what is simulated into it. */
export interface Anatomy {
  readonly torso: Torso;
  readonly skeleton: Skeleton;
  readonly vessels: VesselTrees;
  readonly contrast: ContrastPhase;
  /** Attenuation of the blood by place. */
  readonly blood: Readonly<Record<keyof typeof ENHANCED_HU, number>>;
  readonly airways: readonly { readonly points: readonly Vec3[]; readonly radiusMm: number }[];
  /** Great vessels, filled with blood. */
  readonly greatVessels: readonly Tube[];
  readonly chambers: readonly Ellipsoid[];
  readonly paths: {
    readonly superiorVenaCava: Vec3[];
    readonly inferiorVenaCava: Vec3[];
    readonly azygos: Vec3[];
    readonly aorta: Vec3[];
  };
}

const AIRWAY_KNOTS: readonly { knots: readonly Vec3[]; radiusMm: number }[] = [
  {
    knots: [
      [0, -6, 150],
      [0, 4, 90],
      [1, 16, 40],
      [0, 22, 0],
    ],
    radiusMm: 8.2,
  },
  {
    knots: [
      [0, 22, 0],
      [-14, 22, -10],
      [-32, 20, -20],
    ],
    radiusMm: 6.6,
  },
  {
    knots: [
      [0, 22, 0],
      [18, 24, -12],
      [40, 26, -26],
    ],
    radiusMm: 5.8,
  },
  {
    knots: [
      [-32, 20, -20],
      [-46, 16, -10],
      [-58, 12, 4],
    ],
    radiusMm: 3.6,
  },
  {
    knots: [
      [-32, 20, -20],
      [-40, 26, -42],
      [-48, 36, -66],
    ],
    radiusMm: 4,
  },
  {
    knots: [
      [40, 26, -26],
      [52, 16, -18],
      [62, 6, -8],
    ],
    radiusMm: 3.6,
  },
  {
    knots: [
      [40, 26, -26],
      [46, 32, -44],
      [54, 42, -66],
    ],
    radiusMm: 4,
  },
];

function makePaths(): Anatomy['paths'] {
  const behindSpine = (z: number): Vec3 => [24, spineY(z) - 12, z];
  return {
    superiorVenaCava: smoothCurve(
      [
        [-24, -14, 62],
        [-27, -10, 20],
        [-26, -10, -28],
      ],
      4,
    ),
    inferiorVenaCava: smoothCurve(
      [
        [-20, 0, -84],
        [-26, 8, -130],
        [-26, 22, -200],
        [-22, 26, -290],
      ],
      6,
    ),
    azygos: smoothCurve(
      [
        [-26, -2, 10],
        [-20, 20, 16],
        [-10, 46, 8],
        [-9, spineY(-60) - 22, -60],
        [-8, spineY(-170) - 20, -170],
      ],
      4,
    ),
    aorta: smoothCurve(
      [
        [4, -28, -44],
        [-14, -34, -8],
        [-10, -26, 24],
        [6, -8, 38],
        [20, 18, 34],
        [28, 40, 12],
        behindSpine(-40),
        behindSpine(-100),
        [14, spineY(-170) - 26, -170],
        [4, spineY(-280) - 30, -290],
      ],
      5,
    ),
  };
}

function bloodLevels(contrast: ContrastPhase): Anatomy['blood'] {
  if (contrast === 'arterial') return ENHANCED_HU;
  const plain = Object.keys(ENHANCED_HU).map((place) => [place, place === 'myocardium' ? HU.myocardium : HU.blood]);
  return Object.fromEntries(plain) as Anatomy['blood'];
}

function makeChambers(torso: Torso, blood: Anatomy['blood']): Ellipsoid[] {
  const axes = torso.heart[0]!.axes!;
  return [
    { center: [-22, -14, -58], semiAxesMm: [19, 24, 29], hu: blood.rightHeart },
    { center: [8, -46, -68], semiAxesMm: [36, 15, 22], axes, hu: blood.rightHeart },
    { center: [42, -18, -72], semiAxesMm: [36, 19, 19], axes, hu: blood.leftHeart },
    { center: [6, 17, -47], semiAxesMm: [29, 17, 19], hu: blood.leftHeart },
  ];
}

/** The phantom's anatomy: the same for the same arguments. */
export function makeAnatomy(seed: number, contrast: ContrastPhase, arms: 'up' | 'down'): Anatomy {
  const torso = makeTorso(seed, arms);
  const blood = bloodLevels(contrast);
  const paths = makePaths();
  const vessels = makeVessels(torso);
  const greatVessels = [
    tube(paths.aorta, 13, blood.aorta),
    tube(paths.superiorVenaCava, 9.5, blood.superiorVenaCava),
    tube(paths.inferiorVenaCava, 11.5, blood.inferiorVenaCava),
    tube(paths.azygos, 3.6, blood.inferiorVenaCava),
    tube(
      smoothCurve(
        [
          [-24, -14, 62],
          [-4, -34, 74],
          [34, -30, 84],
          [90, 6, 92],
        ],
        5,
      ),
      6.5,
      blood.superiorVenaCava,
    ),
    tube(
      smoothCurve(
        [
          [-24, -14, 62],
          [-40, -22, 84],
          [-92, 6, 92],
        ],
        5,
      ),
      6,
      blood.inferiorVenaCava,
    ),
    tube(
      smoothCurve(
        [
          [-4, -20, 36],
          [-14, -12, 66],
          [-26, 4, 150],
        ],
        5,
      ),
      5.5,
      blood.aorta,
    ),
    tube(
      smoothCurve(
        [
          [8, -2, 38],
          [16, 4, 80],
          [24, 8, 150],
        ],
        5,
      ),
      4.5,
      blood.aorta,
    ),
  ];
  return {
    torso,
    skeleton: makeSkeleton(torso),
    vessels,
    contrast,
    blood,
    airways: AIRWAY_KNOTS.map(({ knots, radiusMm }) => ({ points: smoothCurve(knots, 4), radiusMm })),
    greatVessels,
    chambers: makeChambers(torso, blood),
    paths,
  };
}
