import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ForeignServer, freePort, startServer } from './foreign-process.js';

/** A Redis server with a folder of its own. */
export interface RedisServer {
  readonly url: string;
  /** Kills it, so that what it had is gone. */
  kill(): Promise<void>;
  /** Starts it again, empty, under the same address. */
  restart(): Promise<void>;
  /** Ends it and removes the folder. */
  stop(): Promise<void>;
}

/** Starts Debian's redis-server on a loopback port, without anything on disk. */
export async function startRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'pce-redis-'));
  const port = await freePort();
  const settings = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...settings];
  let server: ForeignServer | null = await startServer('redis-server', args, port);
  const kill = async () => {
    await server?.stop('SIGKILL');
    server = null;
  };
  return {
    url: `redis://127.0.0.1:${port}/0`,
    kill,
    restart: async () => {
      await kill();
      server = await startServer('redis-server', args, port);
    },
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
