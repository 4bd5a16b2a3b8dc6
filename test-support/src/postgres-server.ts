import { chmod, chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ForeignServer, freePort, runBeside, startServer } from './foreign-process.js';
import { findTool, runTool } from './foreign-tool.js';

/** A PostgreSQL server with a cluster of its own. */
export interface PostgresServer {
  /** A database of its owner, empty at first. */
  readonly url: string;
  /** Ends every connection and starts again, like a server that was restarted under its clients. */
  restart(whileDown?: () => Promise<void>): Promise<void>;
  /** Ends it and removes the cluster. */
  stop(): Promise<void>;
}

/** Where Debian puts the programs, by version. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';
/** Debian's user for the server. */
const SERVER_USER = 'postgres';

/**
 * Starts a server on a loopback port with a new cluster in a temporary folder. It refuses to run as root: then it runs
 * as Debian's user for it.
 *
 * @returns null, with a line that says so, when PostgreSQL is not installed
 * @throws Error when it is not, and PCE_REQUIRE_TOOLS is 1, as in CI
 */
export async function startPostgres(): Promise<PostgresServer | null> {
  const programs = await findPrograms();
  if (programs === null) {
    if (process.env.PCE_REQUIRE_TOOLS === '1') throw new Error('postgresql is not installed, and PCE_REQUIRE_TOOLS=1');
    console.warn('skipped: postgresql is not installed');
    return null;
  }
  const folder = await mkdtemp(join(tmpdir(), 'pce-postgres-'));
  const cluster = join(folder, 'cluster');
  const user = await prepareFolder(folder, cluster);
  const run = asUser(user, join(programs, 'initdb'), ['-D', cluster, '-U', 'pce', '-A', 'trust', '-N', '-E', 'UTF8']);
  const made = await runBeside(run.program, run.args);
  if (made.status !== 0) throw new Error(`initdb: ${made.output}`);
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`];
  const server = asUser(user, join(programs, 'postgres'), ['-D', cluster, '-p', String(port), ...settings]);
  const start = async () => {
    const started = await startServer(server.program, server.args, port);
    await untilReady(join(programs, 'pg_isready'), port);
    return started;
  };
  let running: ForeignServer = await start();
  return {
    url: `postgres://pce@127.0.0.1:${port}/postgres`,
    restart: async (whileDown = async () => {}) => {
      await running.stop('SIGINT');
      await whileDown();
      running = await start();
    },
    stop: async () => {
      await running.stop('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function findPrograms(): Promise<string | null> {
  const versions = await readdir(DEBIAN_FOLDER).catch(() => []);
  const [newest] = versions.sort((a, b) => Number(b) - Number(a));
  if (newest !== undefined) return join(DEBIAN_FOLDER, newest, 'bin');
  const initdb = findTool('initdb');
  return initdb === null ? null : join(initdb, '..');
}

/** It listens before it takes anyone. */
async function untilReady(program: string, port: number): Promise<void> {
  const attempts = 200;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if ((await runBeside(program, ['-q', '-h', '127.0.0.1', '-p', String(port)])).status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`postgres did not become ready on port ${port}`);
}

/** Who runs the server: the owner of the cluster, or null for whoever we are. */
async function prepareFolder(folder: string, cluster: string): Promise<{ uid: string; gid: string } | null> {
  await mkdir(cluster, { mode: 0o700 });
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = ['-u', '-g'].map((flag) => runTool('id', [flag, SERVER_USER]).stdout.toString().trim());
  if (!uid || !gid) throw new Error(`user ${SERVER_USER}: expected one to run the server; received none`);
  for (const path of [folder, cluster]) await chown(path, Number(uid), Number(gid));
  await chmod(folder, 0o755);
  return { uid, gid };
}

/** setpriv becomes the program, so that signals reach it. */
function asUser(user: { uid: string; gid: string } | null, program: string, args: string[]) {
  if (user === null) return { program, args };
  return { program: 'setpriv', args: ['--reuid', user.uid, '--regid', user.gid, '--clear-groups', program, ...args] };
}
