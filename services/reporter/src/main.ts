import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BullMqQueue } from '@pce/shared/adapters/bullmq-queue';
import { FsInstanceStore } from '@pce/shared/adapters/fs-instance-store';
import { InProcessQueue } from '@pce/shared/adapters/in-process-queue';
import { openPostgresLedger } from '@pce/shared/adapters/postgres-ledger';
import { RedisEvents } from '@pce/shared/adapters/redis-events';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import type { Job } from '@pce/shared/ports/job-queue';
import { parseReporterConfig } from './service-config.js';
import { startReporter } from './start-reporter.js';

/** How long deliveries under way have to end when the service is stopped. */
const GRACE_MS = 10_000;
/** What a lost signal costs at most. */
const SWEEP_INTERVAL_MS = 60_000;

/** One JSON line per event, for whatever collects the logs. */
function log(level: string, event: string, fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })}\n`);
}

/** Signals within the process, or on Redis for many machines. */
async function openSignals(redisUrl: string | undefined) {
  const failed = ({ kind, key }: Job, error: Error) =>
    log('error', 'job-failed', { kind, key, message: error.message });
  if (!redisUrl) return { queue: new InProcessQueue(failed), hub: null };
  const serverFailed = (error: Error) => log('warn', 'redis-failed', { message: error.message });
  const queue = await BullMqQueue.open({ url: redisUrl, failed, serverFailed });
  return { queue, hub: new RedisEvents(redisUrl, serverFailed) };
}

async function run(
  config: Extract<ReturnType<typeof parseReporterConfig>, { kind: 'valid' }>['config'],
): Promise<void> {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env;
  await mkdir(config.dataFolder, { recursive: true });
  const ledger = databaseUrl
    ? await openPostgresLedger(databaseUrl)
    : await openSqliteLedger(join(config.dataFolder, 'ledger.sqlite'));
  const store = await FsInstanceStore.open({
    root: join(config.dataFolder, 'instances'),
    watermarkBytes: config.watermarkBytes,
    isShared: databaseUrl !== undefined,
  });
  const { queue, hub } = await openSignals(redisUrl);
  const { aeTitle, dataFolder } = config;
  const clock = { now: () => new Date() };
  const own = { store, ledger, queue, config, clock, log, aeTitle, dataFolder };
  const reporter = await startReporter({ ...own, ...(hub ? { hub } : {}) });
  const sweep = () =>
    reporter.sweep().catch((error: Error) => log('error', 'sweep-failed', { message: error.message }));
  log('info', 'starting', { destinations: reporter.destinations.map(({ name }) => name) });
  await sweep();
  const timer = setInterval(sweep, SWEEP_INTERVAL_MS);
  log('info', 'ready', {});
  const stop = async () => {
    clearInterval(timer);
    await reporter.stop(GRACE_MS);
    await queue.close(GRACE_MS);
    await hub?.close();
    await ledger.close();
    await store.close();
    log('info', 'stopped', {});
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}

const path = process.argv[2] ?? process.env.PCE_CONFIG;
const outcome = parseReporterConfig(process.env, path === undefined ? '' : await readFile(path, 'utf8'));
if (outcome.kind === 'invalid') {
  for (const problem of outcome.problems) process.stderr.write(`${path ?? 'configuration'}: ${problem}\n`);
  process.exitCode = 1;
} else {
  await run(outcome.config);
}
