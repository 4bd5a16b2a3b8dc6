import { type Static, Type } from 'typebox';
import { ExamOutcomeSchema } from './exam-outcome.js';
import { ImageReferenceSchema } from './image-reference.js';

export const STUDY_RESULT_VERSION = 1;

/** What was analysed: one film, or one CT series. */
export const ExamPartSchema = Type.Object({
  modality: Type.String(),
  seriesInstanceUid: Type.String(),
  frameOfReferenceUid: Type.Union([Type.String(), Type.Null()]),
  /** The images the analysis used, in slice order. */
  images: Type.Array(ImageReferenceSchema, { minItems: 1 }),
  /** Technique and limits in words and numbers for the report; null where unknown. */
  sliceSpacingMm: Type.Union([Type.Number(), Type.Null()]),
  sliceThicknessMm: Type.Union([Type.Number(), Type.Null()]),
  outcome: ExamOutcomeSchema,
});
export type ExamPart = Static<typeof ExamPartSchema>;

export const AlgorithmSchema = Type.Object({
  name: Type.String(),
  version: Type.String(),
  /** SHA-256, hexadecimal, of every parameter and model weight that can change a result. */
  parametersDigest: Type.String(),
  /** Findings of at least this probability are in the result. */
  reportAbove: Type.Number({ minimum: 0, maximum: 1 }),
});
export type Algorithm = Static<typeof AlgorithmSchema>;

/** The answer for one study: what the detector hands to the reporter. */
export const StudyResultSchema = Type.Object({
  contractVersion: Type.Literal(STUDY_RESULT_VERSION),
  studyInstanceUid: Type.String(),
  /** SHA-256, hexadecimal, over the sorted SOP Instance UIDs and content digests of all instances considered. */
  instanceSetDigest: Type.String(),
  algorithm: AlgorithmSchema,
  parts: Type.Array(ExamPartSchema),
  /** The parts taken together; its findings are those of all parts, numbered afresh. */
  outcome: ExamOutcomeSchema,
});
export type StudyResult = Static<typeof StudyResultSchema>;
