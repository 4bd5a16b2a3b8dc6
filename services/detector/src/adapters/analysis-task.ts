import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import type { StudyAnalysis } from '../core/detect.js';
import type { DetectOptions } from '../core/detect-options.js';

/** What a worker thread is given: one study. */
export interface AnalysisTask {
  readonly instances: readonly StoredInstance[];
  readonly options: DetectOptions;
}

/** A picture for people as a PNG file. */
export interface KeyPicture {
  /** The finding it shows; null for an overview. */
  readonly findingId: number | null;
  readonly label: string;
  readonly columns: number;
  readonly rows: number;
  readonly png: Uint8Array;
}

/** What a worker thread gives back. */
export interface PooledAnalysis extends Omit<StudyAnalysis, 'keyImages'> {
  readonly pictures: readonly KeyPicture[];
}
