// Removes every build output: tsc --build leaves the outputs of deleted sources behind.
import { readFileSync, rmSync } from 'node:fs';

const { workspaces } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
for (const workspace of workspaces)
  rmSync(new URL(`../${workspace}/dist`, import.meta.url), { recursive: true, force: true });
