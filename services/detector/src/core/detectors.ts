import type { Detectors } from './analyse-part.js';
import { detectCt } from './detect-ct.js';
import { detectRadiograph } from './detect-radiograph.js';

/** Detectors that follow rules alone, where no weights are at hand: tests, and the line to beat. */
export const DETECTORS: Detectors = { ct: detectCt, radiograph: detectRadiograph, modelDigest: 'no weights' };
