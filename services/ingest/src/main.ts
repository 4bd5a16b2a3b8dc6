import { readFile } from 'node:fs/promises';
import { parseConfig } from './config.js';
import { startIngest } from './start-ingest.js';

/** How long open associations have to end when the service is stopped. */
const GRACE_MS = 10_000;

/** One JSON line per event, for whatever collects the logs. */
function log(level: string, event: string, fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })}\n`);
}

const path = process.argv[2] ?? process.env.PCE_CONFIG;
const outcome = parseConfig(process.env, path === undefined ? '' : await readFile(path, 'utf8'));
if (outcome.kind === 'invalid') {
  for (const problem of outcome.problems) process.stderr.write(`${path ?? 'configuration'}: ${problem}\n`);
  process.exitCode = 1;
} else {
  const ingest = await startIngest(outcome.config, { now: () => new Date() }, log);
  log('info', 'listening', { dicomPort: ingest.scp.port, webPort: ingest.webPort });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void ingest.stop(GRACE_MS).then(() => log('info', 'stopped', {}));
    });
  }
}
