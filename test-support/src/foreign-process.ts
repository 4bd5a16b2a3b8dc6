import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** How a foreign program ended and what it printed. */
export interface ProcessRun {
  /** Null when a signal ended it. */
  readonly status: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
}

/**
 * Runs a program to its end while this process goes on, as a peer of a server in it needs. dcmtk's network tools get
 * TCP_NODELAY=1.
 */
export async function runBeside(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ProcessRun> {
  const child = start(program, args, options);
  const output: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output: Buffer.concat(output).toString('latin1') };
}

const STOP_GRACE_MS = 3000;

/** A server in a process of its own. */
export interface ForeignServer {
  readonly process: ChildProcess;
  /** @param signal @default SIGTERM, and SIGKILL when that does not help */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a server and waits until it listens on a loopback port. Stop it when done. */
export async function startServer(
  program: string,
  args: readonly string[],
  port: number,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ForeignServer> {
  const child = start(program, args, options);
  child.stdout?.resume();
  child.stderr?.resume();
  const exited = once(child, 'exit');
  const server = {
    process: child,
    stop: async (signal: NodeJS.Signals = 'SIGTERM') => {
      child.kill(signal);
      // Some servers wait for their clients to go first.
      const insist = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await exited;
      clearTimeout(insist);
    },
  };
  const attempts = 300;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode} before it listened`);
    if (await listens(port)) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await server.stop();
  throw new Error(`${program} did not listen on port ${port}`);
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

function start(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
): ChildProcess {
  return spawn(program, [...args], {
    env: { ...process.env, TCP_NODELAY: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd ? { cwd: options.cwd } : {}),
  });
}

async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
