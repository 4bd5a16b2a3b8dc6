import { createHash } from 'node:crypto';
import { UsageError } from '../exit-codes.js';

/** One of several equal parts of a run: `index` counts from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * Reads "2/8".
 *
 * @throws UsageError
 */
export function parseShard(text: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (index >= 1 && index <= count) return { index, count };
  throw new UsageError('--shard', 'I/N with I from 1 to N, such as 2/8', JSON.stringify(text));
}

/**
 * Whether something is this shard's work: by a hash, so that each belongs to exactly one shard, on every machine.
 *
 * @param key a Study Instance UID, or the path of a file of no study
 */
export function isInShard(key: string, shard: Shard | null): boolean {
  if (shard === null) return true;
  return createHash('sha256').update(key).digest().readUInt32BE(0) % shard.count === shard.index - 1;
}
