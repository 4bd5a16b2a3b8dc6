import type { Algorithm } from '@pce/shared/contracts/study-result';
import { describeAlgorithm } from '../core/algorithm.js';
import type { DetectOptions } from '../core/detect-options.js';
import { trainedDetectors } from './trained-detectors.js';

/** What results are made with here and now: version, parameters and weights. */
export async function currentAlgorithm(options: DetectOptions): Promise<Algorithm> {
  return describeAlgorithm(options, (await trainedDetectors()).modelDigest);
}
