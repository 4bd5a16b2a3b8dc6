import { type Static, Type } from 'typebox';
import { FindingSchema } from './finding.js';

export const PRESENCES = ['present', 'absent', 'undetermined'] as const;
export const URGENCIES = ['critical', 'high', 'medium', 'low', 'none'] as const;
export const QUALITIES = ['diagnostic', 'limited', 'non-diagnostic'] as const;

/** Machine-readable cause with a sentence for people: what was expected and what was received. */
const ReasonSchema = Type.Object({ code: Type.String(), message: Type.String() });
export type Reason = Static<typeof ReasonSchema>;

export const QualitySchema = Type.Object({
  level: Type.Enum([...QUALITIES]),
  /** Sentences such as "Slice spacing 5 mm: emboli thinner than 2 mm may not show." */
  remarks: Type.Array(Type.String()),
});
export type Quality = Static<typeof QualitySchema>;

export const AnalysedSchema = Type.Object({
  kind: Type.Literal('analysed'),
  presence: Type.Enum([...PRESENCES]),
  /** Probability that the exam shows pulmonary cement embolism. */
  probability: Type.Number({ minimum: 0, maximum: 1 }),
  suggestedUrgency: Type.Enum([...URGENCIES]),
  quality: QualitySchema,
  findings: Type.Array(FindingSchema),
});
export type Analysed = Static<typeof AnalysedSchema>;

/** The image is of a kind this software does not read at all, such as MR. No report is made. */
export const NotApplicableSchema = Type.Object({ kind: Type.Literal('not-applicable'), reason: ReasonSchema });
export type NotApplicable = Static<typeof NotApplicableSchema>;

/** The image is of a kind we read, but this one cannot be judged. It is reported as undetermined, never as absent. */
export const NotAnalysableSchema = Type.Object({ kind: Type.Literal('not-analysable'), reason: ReasonSchema });
export type NotAnalysable = Static<typeof NotAnalysableSchema>;

/** What the analysis of an image, a series or a study came to. */
export const ExamOutcomeSchema = Type.Union([AnalysedSchema, NotApplicableSchema, NotAnalysableSchema]);
export type ExamOutcome = Static<typeof ExamOutcomeSchema>;
export type Presence = Analysed['presence'];
export type Urgency = Analysed['suggestedUrgency'];
