import { freePort } from '@pce/test-support/foreign-process';
import { sampleStudy } from '@pce/test-support/sample-study';
import { afterEach, expect, it } from 'vitest';
import { type CountingReceiver, startCountingReceiver } from './counting-receiver.js';
import { recordStudy, startTestReporter, type TestReporter } from './test-reporter.js';

const DAY_MS = 86_400_000;

let reporter: TestReporter | null = null;
let receiver: CountingReceiver | null = null;
afterEach(async () => {
  await reporter?.end();
  await receiver?.scp.close(0);
});

it('delivers when a clock that was a day ahead has been set right, and does not wait for that day', async () => {
  const port = await freePort();
  let aheadMs = DAY_MS;
  reporter = await startTestReporter(
    `destinations: [{ name: pacs, objects: [sr], cStore: { host: 127.0.0.1, port: ${port}, aeTitle: ANY },
       retry: { firstDelaySeconds: 30, longestDelaySeconds: 60 }, breaker: { failures: 1, pauseSeconds: 90 } }]`,
    { now: () => new Date(Date.now() + aheadMs) },
  );
  const { ledger, sweep } = reporter;
  const resultId = await recordStudy(reporter, sampleStudy('ct-negative', 1));
  await sweep();
  await expect.poll(async () => (await ledger.deliveries.lane('pacs')).pausedUntil, { timeout: 20_000 }).not.toBeNull();
  receiver = await startCountingReceiver({ port });
  aheadMs = 0;
  await sweep();
  const states = async () => {
    const found = await ledger.deliveries.searchDeliveries({ resultId }, 5, 0);
    return found.map(({ state }) => state);
  };
  await expect.poll(states, { timeout: 20_000 }).toEqual(['delivered']);
});
