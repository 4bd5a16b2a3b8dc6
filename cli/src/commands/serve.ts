import type { Log } from '@pce/shared/ports/log';
import { type Command, Option } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { productVersion } from '../product.js';
import { readServeConfig } from '../serve/read-serve-config.js';
import { serve } from '../serve/serve.js';
import { SERVICES, type ServeConfig } from '../serve/serve-config.js';
import { settingsText } from '../serve/settings-text.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';

/** How long work under way has to end when the service is stopped. */
const GRACE_MS = 10_000;

const HELP = `
Settings by environment: PCE_AE_TITLE (PCE), PCE_DIMSE_PORT (11112), PCE_HTTP_PORT (8080), PCE_BIND (127.0.0.1),
PCE_DATA_DIR (./data), PCE_CONFIG (a YAML file: senders, rules, destinations, users), PCE_SERVICES (all),
REDIS_URL and DATABASE_URL (both: many machines). They go before the file. See docs/operations.md.

Examples:
  pce serve                                  receive on this machine, deliver into ./data/outbox
  PCE_CONFIG=pce.yaml pce serve
  pce serve --only detector                  with REDIS_URL and DATABASE_URL: one more machine that analyses
`;

/** Adds `pce serve`. */
export function addServeCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('serve')
    .description('receive studies, analyse them, deliver the reports, show the worklist')
    .addOption(new Option('--only <SERVICES>', `some of ${SERVICES.join(',')}`).env('PCE_SERVICES'))
    .addHelpText('after', HELP)
    .action(async ({ only }: { only?: string }) => {
      const config = await readServeConfig({ ...process.env, PCE_SERVICES: only });
      await run(config);
      end(EXIT.done);
    });
}

/** Runs until a signal asks it to stop. */
async function run(config: ServeConfig): Promise<void> {
  process.stdout.write(`PCE ${productVersion()}. ${RESEARCH_NOTICE}\n${settingsText(config)}`);
  const stopAsked = new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
  // Whoever reads the log may go away: the service goes on without.
  process.stdout.on('error', () => {});
  const serving = await serve(config, log);
  log('info', 'ready', { dicomPort: serving.dicomPort, webPort: serving.webPort });
  const signal = await stopAsked;
  log('info', 'stopping', { signal });
  await serving.stop(GRACE_MS);
  log('info', 'stopped', {});
}

/** One JSON line per event, for whatever collects the logs. */
const log: Log = (level, event, fields) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })}\n`);
};
