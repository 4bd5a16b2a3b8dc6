import { LOBES, MORPHOLOGIES, SIDES, SITES, ZONES } from '@pce/shared/contracts/finding';
import { type Static, Type } from 'typebox';

export const TRUTH_VERSION = 1;

const oneOf = <const T extends readonly string[]>(values: T) => Type.Enum(values as unknown as T[number][]);
const PointLpsMm = Type.Tuple([Type.Number(), Type.Number(), Type.Number()]);
const PointPx = Type.Tuple([Type.Number(), Type.Number()]);
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/** What was put into the images, one entry for each connected or intended piece. */
export const TruthObjectSchema = Type.Object({
  /** Number within the study, from 1. */
  id: Type.Integer({ minimum: 1 }),
  /** Three kinds of finding, and everything that only looks like one. */
  kind: oneOf(['pulmonary-cement-embolism', 'venous-cement-leak', 'vertebral-cement', 'mimic'] as const),
  /** For a mimic, which: 'granuloma', 'calcified-node', 'catheter' and so on. */
  mimic: orNull(Type.String()),
  morphology: oneOf(MORPHOLOGIES),
  site: orNull(oneOf(SITES)),
  side: orNull(oneOf(SIDES)),
  zone: orNull(oneOf(ZONES)),
  /** CT and phantom films, where the anatomy is known in three dimensions. */
  lobe: orNull(oneOf(LOBES)),
  /** Largest diameter of the object, millimetres in the patient (before magnification). */
  calibreMm: orNull(Type.Number()),
  /** Along the centreline, all branches added up, millimetres in the patient. */
  lengthMm: orNull(Type.Number()),
  volumeMm3: orNull(Type.Number()),
  /** Attenuation of the undiluted material at 70 keV, before blur and clipping. */
  materialHu: orNull(Type.Number()),
  /** CT: the largest attenuation this object reaches in the noise-free images, before clipping. */
  peakHu: orNull(Type.Number()),
  centreLpsMm: orNull(PointLpsMm),
  /** Centrelines, one for each branch. */
  centrelinesLpsMm: Type.Array(Type.Array(PointLpsMm)),
  /**
   * Films: the projected centrelines, [column, row] pairs; the centre of the top left pixel is [0.5, 0.5]
   * (PS3.3 C.18.6.1).
   */
  polylinesPx: Type.Array(Type.Array(PointPx)),
  /** Films: largest contrast to the surroundings divided by the local noise (see `docs` of the simulator). */
  contrastToNoise: orNull(Type.Number()),
  /** Films: contrast at least twice the local noise. CT: peak at least 300 HU over the surroundings. */
  visible: Type.Boolean(),
});
export type TruthObject = Static<typeof TruthObjectSchema>;

/** What is true of a simulated study. Written beside it as `truth.json`. */
export const StudyTruthSchema = Type.Object({
  truthVersion: Type.Literal(TRUTH_VERSION),
  studyInstanceUid: Type.String(),
  seriesInstanceUid: Type.String(),
  /** The film's instance; null for CT. */
  sopInstanceUid: orNull(Type.String()),
  modality: Type.String(),
  /** Which patient and which phantom or real series it was made from: the unit to split by. */
  patient: Type.String(),
  source: Type.String(),
  seed: Type.Integer(),
  /** Present with at least one pulmonary cement embolus, seen or not. */
  presence: oneOf(['present', 'absent'] as const),
  /** Present with at least one that is visible. */
  visiblePresence: oneOf(['present', 'absent'] as const),
  sliceSpacingMm: orNull(Type.Number()),
  sliceThicknessMm: orNull(Type.Number()),
  contrast: orNull(Type.String()),
  /** What should happen to the study: 'not-analysable' studies have no presence to find. */
  expected: oneOf(['analysed', 'not-analysable', 'not-applicable'] as const),
  objects: Type.Array(TruthObjectSchema),
  /** CT: where each axial image lies, so that a mark on an image can be put into the patient. */
  images: Type.Optional(
    Type.Array(
      Type.Object({
        sopInstanceUid: Type.String(),
        /** Centre of the first pixel. */
        positionLpsMm: PointLpsMm,
        pixelSpacingMm: Type.Number(),
      }),
    ),
  ),
});
export type StudyTruth = Static<typeof StudyTruthSchema>;

/** A study as files and what is true of it. */
export interface SimulatedStudy {
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly truth: StudyTruth;
}
