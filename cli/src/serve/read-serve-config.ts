import { readFile } from 'node:fs/promises';
import { UsageError } from '../exit-codes.js';
import { parseServeConfig, type ServeConfig } from './serve-config.js';

/**
 * Reads the configuration for `pce serve` and what goes with it.
 *
 * @param yaml the file's text @default that of the file `PCE_CONFIG` names
 * @throws UsageError with every problem
 */
export async function readServeConfig(
  env: Readonly<Record<string, string | undefined>>,
  yaml?: string,
): Promise<ServeConfig> {
  const path = env.PCE_CONFIG;
  const text = yaml ?? (path ? await readFile(path, 'utf8') : '');
  const outcome = parseServeConfig(env, text);
  if (outcome.kind === 'valid') return outcome.config;
  throw new UsageError(path ?? 'environment', 'settings that hold', `\n  ${outcome.problems.join('\n  ')}`);
}
