import type { Algorithm } from '@pce/shared/contracts/study-result';
import type { OutputFormat } from '../output/output-formats.js';
import type { Shard } from './shard.js';

/** What decides the results of a run: two runs with equal manifests over the same images give the same rows. */
export interface RunManifest {
  readonly manifestVersion: 1;
  readonly productVersion: string;
  readonly algorithm: Algorithm;
  /** In the order of OUTPUT_FORMATS. */
  readonly formats: readonly OutputFormat[];
  /** Where the images come from, as given, without secrets. */
  readonly sources: readonly string[];
  readonly shard: Shard | null;
}

/** What was found in the input, once a run is through. */
export interface FoundInput {
  readonly files: number;
  readonly instances: number;
  readonly studies: number;
}

/** The state of a run, kept in its output folder. */
export interface RunState {
  readonly manifest: RunManifest;
  /** Null while the run is not through. */
  readonly found: FoundInput | null;
}

/** Each setting that differs, in words: "reportAbove: expected 0.3; received 0.5". */
export function manifestDifferences(before: RunManifest, now: RunManifest): string[] {
  const differences: string[] = [];
  for (const key of Object.keys(now) as (keyof RunManifest)[]) {
    const [expected, received] = [JSON.stringify(before[key] ?? null), JSON.stringify(now[key])];
    if (expected !== received) differences.push(`${key}: expected ${expected}; received ${received}`);
  }
  return differences;
}
