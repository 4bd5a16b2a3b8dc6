import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a foreign program printed and how it ended. */
export interface ToolRun {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Largest output kept of one run, bytes. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Full path of a program on PATH, or null. */
export function findTool(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder: look in the next.
    }
  }
  return null;
}

/**
 * Path of a program a test cannot do without. Call it inside a test or hook.
 *
 * @param skip the test context's own `skip`: called with the reason when the program is missing
 * @throws Error when it is missing and PCE_REQUIRE_TOOLS is 1, as in CI
 */
export function requireTool(name: string, skip: (reason: string) => void): string {
  const path = findTool(name);
  if (path !== null) return path;
  const reason = `${name} is not installed`;
  if (process.env.PCE_REQUIRE_TOOLS === '1') throw new Error(`${reason}, and PCE_REQUIRE_TOOLS=1`);
  console.warn(`skipped: ${reason}`);
  skip(reason);
  throw new Error(reason);
}

/** Runs a program to its end. dcmtk's network tools get TCP_NODELAY=1, without which Nagle's delay is measured. */
export function runTool(
  name: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly input?: Uint8Array; readonly cwd?: string } = {},
): ToolRun {
  const run = spawnSync(name, [...args], {
    env: { ...process.env, TCP_NODELAY: '1', ...options.env },
    ...(options.input ? { input: options.input } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (run.error) throw new Error(`${name}: could not be run: ${run.error.message}`);
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}
