import { type Static, Type } from 'typebox';
import { ImageReferenceSchema } from './image-reference.js';

const oneOf = <const T extends readonly string[]>(values: T) => Type.Enum(values as unknown as T[number][]);

export const FINDING_KINDS = ['pulmonary-cement-embolism', 'venous-cement-leak', 'vertebral-cement'] as const;
export const MORPHOLOGIES = ['tubular', 'branching', 'beaded', 'punctate', 'linear', 'irregular'] as const;
export const SIDES = ['right', 'left', 'midline'] as const;
export const ZONES = ['upper', 'middle', 'lower'] as const;
export const LOBES = ['right-upper', 'right-middle', 'right-lower', 'left-upper', 'left-lower'] as const;
export const SITES = [
  'pulmonary-artery',
  'lung',
  'right-heart',
  'superior-vena-cava',
  'inferior-vena-cava',
  'azygos-vein',
  'paravertebral-veins',
  'vertebra',
] as const;
export const ARTERY_LEVELS = ['main', 'right-or-left', 'lobar', 'segmental-or-smaller'] as const;

/**
 * How sure the detector is, at its two operating levels: `suspected` raises the alarm,
 * `indeterminate` is reported without one, `candidate` appears only below the operating point.
 */
export const ASSESSMENTS = ['suspected', 'indeterminate', 'candidate'] as const;

/** Where a finding is, drawn on one image. */
export const ImageRegionSchema = Type.Object({
  image: ImageReferenceSchema,
  purpose: oneOf(['outline', 'centreline', 'centre'] as const),
  /**
   * [column, row] pairs with sub-pixel resolution: the top left corner of the top left pixel is [0, 0], its
   * centre [0.5, 0.5]. An outline repeats its first point at the end. Source: PS3.3 C.18.6.1.
   */
  pointsPx: Type.Array(Type.Tuple([Type.Number(), Type.Number()]), { minItems: 1 }),
});
export type ImageRegion = Static<typeof ImageRegionSchema>;

/** The pixels of a finding on one image. */
export const MaskSliceSchema = Type.Object({
  image: ImageReferenceSchema,
  /** Pairs of first pixel and number of pixels, rising and apart; a pixel's number is row x columns + column, from 0. */
  runs: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 2 }),
});
export type MaskSlice = Static<typeof MaskSliceSchema>;

const PointLpsMm = Type.Tuple([Type.Number(), Type.Number(), Type.Number()]);

/** Null means "not measurable here", such as millimetres on an uncalibrated film. */
export const MeasurementsSchema = Type.Object({
  /** Along the centreline, all branches added up. */
  lengthMm: Type.Union([Type.Number(), Type.Null()]),
  /** Largest calibre, corrected for partial volume. */
  calibreMm: Type.Union([Type.Number(), Type.Null()]),
  volumeMm3: Type.Union([Type.Number(), Type.Null()]),
  /** Largest attenuation; with `peakIsClipped` it is a lower bound. CT only. */
  peakHu: Type.Union([Type.Number(), Type.Null()]),
  peakIsClipped: Type.Boolean(),
  /** Largest contrast over the surroundings divided by the local noise. Films only. */
  contrastToNoise: Type.Union([Type.Number(), Type.Null()]),
  /** Film millimetres hold in the detector plane only, when true: no correction for magnification. */
  inDetectorPlane: Type.Boolean(),
});
export type Measurements = Static<typeof MeasurementsSchema>;

/** Something found in an image, measured and placed. */
export const FindingSchema = Type.Object({
  /** Number within the exam, from 1, in order of falling probability within its kind. */
  id: Type.Integer({ minimum: 1 }),
  kind: oneOf(FINDING_KINDS),
  assessment: oneOf(ASSESSMENTS),
  /** Probability that this is what `kind` says. */
  probability: Type.Number({ minimum: 0, maximum: 1 }),
  morphology: oneOf(MORPHOLOGIES),
  site: oneOf(SITES),
  side: Type.Union([oneOf(SIDES), Type.Null()]),
  zone: Type.Union([oneOf(ZONES), Type.Null()]),
  /** CT only. */
  lobe: Type.Union([oneOf(LOBES), Type.Null()]),
  arteryLevel: Type.Union([oneOf(ARTERY_LEVELS), Type.Null()]),
  /** The image where it shows best comes first. */
  regions: Type.Array(ImageRegionSchema, { minItems: 1 }),
  /** Centre and centreline in the patient coordinate system (LPS, millimetres). CT only. */
  centreLpsMm: Type.Union([PointLpsMm, Type.Null()]),
  centrelineLpsMm: Type.Array(PointLpsMm),
  /** Every voxel of the finding, slice by slice. CT only, and only where the detector says so: emboli. */
  mask: Type.Optional(Type.Array(MaskSliceSchema)),
  measurements: MeasurementsSchema,
  /** Why it was judged so, in words for a reader: "round, aspect 1.3, not in line with an artery". */
  reasons: Type.Array(Type.String()),
});
export type Finding = Static<typeof FindingSchema>;
export type FindingKind = Finding['kind'];
export type Morphology = Finding['morphology'];
export type Assessment = Finding['assessment'];
