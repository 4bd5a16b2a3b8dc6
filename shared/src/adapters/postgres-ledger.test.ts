import { startPostgres } from '@pce/test-support/postgres-server';
import { expect, it } from 'vitest';
import { openPostgresLedger } from './postgres-ledger.js';

const postgres = await startPostgres();

const asking = (study: string) => ({
  studyInstanceUid: study,
  instanceSetDigest: 'digest',
  reason: 'quiet' as const,
  priority: 1,
  destinations: [],
  requestedAt: new Date(0),
});

/** Connections that break while they are used once ended the process: their errors reached no listener. */
it.skipIf(postgres === null)('lives through a restart of the server in the middle of transactions', async () => {
  const ledger = await openPostgresLedger(postgres!.url);
  let isOver = false;
  let failures = 0;
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    for (let number = 0; !isOver; number += 1) {
      await ledger.requestAnalysis(asking(`1.${writer}.${number}`)).catch(() => {
        failures += 1;
      });
    }
  });
  for (let restart = 0; restart < 3; restart += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await postgres!.restart();
  }
  isOver = true;
  await Promise.all(writers);
  expect(failures).toBeGreaterThan(0);
  expect(await ledger.requestAnalysis(asking('2.1'))).toBe(true);
  await ledger.close();
  await postgres!.stop();
});
