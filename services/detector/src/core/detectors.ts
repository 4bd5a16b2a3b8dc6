import type { Detectors } from './analyse-part.js';
import { detectCt } from './detect-ct.js';
import { detectRadiograph } from './detect-radiograph.js';

/** The detectors of this version. They follow rules alone: no weights. */
export const DETECTORS: Detectors = { ct: detectCt, radiograph: detectRadiograph, modelDigest: 'no weights' };
