import { Type } from 'typebox';
import { ATTEMPT_POLICY } from './core/attempt-policy.js';
import { OPERATING_POINT } from './core/parameters.js';

/** What can be set for the analysis: the section `analysis` of the configuration. */
export const AnalysisConfigSchema = Type.Object(
  {
    /** Default: one for each processor, as far as the memory goes. */
    studiesAtATime: Type.Optional(Type.Integer({ minimum: 1 })),
    timeLimitSeconds: Type.Number({ exclusiveMinimum: 0, default: 600 }),
    /** Heap of one analysis; pixels lie outside of it. */
    memoryLimitMb: Type.Integer({ minimum: 64, default: 2048 }),
    /** Findings of at least this probability are reported. */
    reportAbove: Type.Number({ minimum: 0, maximum: 1, default: OPERATING_POINT.indeterminateProbability }),
    maxAttempts: Type.Integer({ minimum: 1, default: ATTEMPT_POLICY.maxAttempts }),
    firstRetrySeconds: Type.Number({ minimum: 0, default: ATTEMPT_POLICY.firstDelayMs / 1000 }),
  },
  { additionalProperties: false, default: {} },
);
