import { createHash } from 'node:crypto';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import type { Algorithm } from '@pce/shared/contracts/study-result';
import type { DetectOptions } from './detect-options.js';
import * as parameters from './parameters.js';

export const ALGORITHM_NAME = 'pce-detector';
/** Equal to the version of this package; a test holds the two together. */
export const ALGORITHM_VERSION = '0.1.0';

/** Names what made a result: version, parameters, weights and options. */
export function describeAlgorithm(options: DetectOptions, modelDigest: string): Algorithm {
  const parametersDigest = sha256(`${canonicalJson(parameters)}\n${modelDigest}`);
  return { name: ALGORITHM_NAME, version: ALGORITHM_VERSION, parametersDigest, reportAbove: options.reportAbove };
}

/** Digest of a set of instances: the same for any order, another for any change of content. */
export function digestInstanceSet(instances: readonly StoredInstance[]): string {
  const lines = instances.map((instance) => `${instance.sopInstanceUid} ${instance.sha256}`);
  return sha256([...new Set(lines)].sort().join('\n'));
}

/** JSON with sorted keys, so that the order of declarations changes nothing. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
