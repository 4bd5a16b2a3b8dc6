import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { UsageError } from '../exit-codes.js';

/** Writes a database into a file, as it is at one moment. */
export function dumpPostgres(url: string, file: string): Promise<void> {
  return run('pg_dump', ['--format=custom', '--no-owner', '--no-privileges', `--file=${file}`], url);
}

/** Reads such a file into an empty database, all or nothing. */
export function restorePostgres(url: string, file: string): Promise<void> {
  const how = ['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction'];
  return run('pg_restore', [...how, `--dbname=${databaseOf(url)}`, file], url);
}

const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1));

/** Runs one of PostgreSQL's own programs. The address goes by the environment: others can see arguments. */
async function run(program: string, args: readonly string[], url: string): Promise<void> {
  const { hostname, port, username, password } = new URL(url);
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      PGHOST: hostname,
      ...(port ? { PGPORT: port } : {}),
      ...(username ? { PGUSER: decodeURIComponent(username) } : {}),
      ...(password ? { PGPASSWORD: decodeURIComponent(password) } : {}),
      PGDATABASE: databaseOf(url),
    },
  });
  const failed = once(child, 'error').then(([error]) => {
    throw new UsageError(program, "PostgreSQL's own program on the path", (error as Error).message);
  });
  const ended = Promise.all([once(child, 'close'), text(child.stderr)]);
  const [[status], complaint] = await Promise.race([ended, failed]);
  if (status !== 0) throw new UsageError(program, 'success', complaint.trim() || `exit status ${status}`);
}
