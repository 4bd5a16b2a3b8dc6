import { spawnSync } from 'node:child_process';
import { requireTool, runTool } from './foreign-tool.js';

/** Interpreters that may have the modules: the one on PATH, and the system's own, which Debian packages belong to. */
const INTERPRETERS = ['python3', '/usr/bin/python3'];

/**
 * A Python that has the given modules. Call it inside a test.
 *
 * @param skip the test context's own `skip`: called with the reason when there is none
 * @throws Error when there is none and PCE_REQUIRE_TOOLS is 1, as in CI
 */
export function requirePython(modules: readonly string[], skip: (reason: string) => void): string {
  requireTool('python3', skip);
  const script = `import ${modules.join(', ')}`;
  const found = INTERPRETERS.find((python) => spawnSync(python, ['-c', script]).status === 0);
  if (found !== undefined) return found;
  const reason = `Python has no ${modules.join(', ')}`;
  if (process.env.PCE_REQUIRE_TOOLS === '1') throw new Error(`${reason}, and PCE_REQUIRE_TOOLS=1`);
  console.warn(`skipped: ${reason}`);
  skip(reason);
  throw new Error(reason);
}

/** Runs a script that prints JSON, with text on its standard input. @throws Error with what it said when it fails */
export function runPython(python: string, script: string, input: string, args: readonly string[] = []): unknown {
  const { status, stdout, stderr } = runTool(python, ['-c', script, ...args], { input: Buffer.from(input) });
  if (status !== 0) throw new Error(`python: ${stderr.toString()}`);
  return JSON.parse(stdout.toString());
}
