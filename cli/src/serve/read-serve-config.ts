import { readFile } from 'node:fs/promises';
import { UsageError } from '../exit-codes.js';
import { parseServeConfig, type ServeConfig } from './serve-config.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration for `pce serve` and what goes with it.
 *
 * @param yaml the file's text @default that of the file `PCE_CONFIG` names
 * @throws UsageError with every problem
 */
export async function readServeConfig(env: Environment, yaml?: string): Promise<ServeConfig> {
  const path = env.PCE_CONFIG;
  const text = yaml ?? (path ? await readFile(path, 'utf8') : '');
  const outcome = parseServeConfig(await withSecretFiles(env), text);
  if (outcome.kind === 'valid') return withClientSecret(outcome.config);
  throw new UsageError(path ?? 'environment', 'settings that hold', `\n  ${outcome.problems.join('\n  ')}`);
}

/** Variables that may hold a password, and may each be given as a file: DATABASE_URL_FILE and so on. */
const SECRET_VARIABLES = ['DATABASE_URL', 'REDIS_URL'];

async function withSecretFiles(env: Environment): Promise<Environment> {
  const read: Record<string, string> = {};
  for (const name of SECRET_VARIABLES) {
    const path = env[`${name}_FILE`];
    if (path) read[name] = await readSecret(`${name}_FILE`, path);
  }
  return { ...env, ...read };
}

async function withClientSecret(config: ServeConfig): Promise<ServeConfig> {
  const path = config.file.access.oidc?.clientSecretFile;
  if (path === undefined) return config;
  return { ...config, oidcClientSecret: await readSecret('access.oidc.clientSecretFile', path) };
}

/** A secret is all of its file but the line end that editors leave. */
async function readSecret(name: string, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(name, 'a file that can be read', (error as Error).message);
  }
}
