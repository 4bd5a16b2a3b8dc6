import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { expect, it } from 'vitest';
import { reporterConfig } from '../foreign/test-reporter.js';
import { DeliveryWorker } from './delivery-worker.js';
import type { OwnObjects } from './own-objects.js';

const resultOf = (studyInstanceUid: string): StudyResult => ({
  contractVersion: 1,
  studyInstanceUid,
  instanceSetDigest: 'set',
  algorithm: { name: 'a', version: '1', parametersDigest: 'p', reportAbove: 0.2 },
  parts: [],
  outcome: { kind: 'not-analysable', reason: { code: 'c', message: 'm' } },
});

it('works off a lane once that a queue gives out twice, and looks again at the end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pce-lane-'));
  const ledger = await openSqliteLedger(join(folder, 'ledger.sqlite'));
  const plan = async (study: string) => {
    const made = {
      result: resultOf(study),
      requestedDigest: 'set',
      pictures: [],
      analysedAt: new Date(),
      durationMs: 1,
    };
    const { resultId } = await ledger.results.recordResult(made);
    const delivery = { destination: 'pacs', objects: [], fallbacks: {}, message: 'text', skipped: null };
    await ledger.deliveries.recordReport(resultId, [], [delivery], new Date());
  };
  const config = reporterConfig(`destinations: [{ name: pacs, objects: [sr], folder: { path: ${folder} } }]`);
  let work = async (_name: string, _signal: AbortSignal) => {};
  let sent = 0;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const worker = new DeliveryWorker({
    deliveries: ledger.deliveries,
    objects: {} as OwnObjects,
    queue: {
      add: async () => {},
      process: (_kind, _concurrency, given) => {
        work = given;
      },
      waiting: async () => ({ analyse: 0, report: 0, deliver: 0 }),
      close: async () => {},
    },
    receivers: new Map([
      [
        'pacs',
        {
          config: config.destinations[0]!,
          destination: {
            send: async () => {
              sent += 1;
              await held;
              return { kind: 'accepted', objects: [], detail: '' };
            },
          },
        },
      ],
    ]),
    clock: { now: () => new Date() },
    log: () => {},
    random: () => 0,
  });
  worker.start();
  const { signal } = new AbortController();
  await plan('1.1');
  const working = work('pacs', signal);
  await expect.poll(() => sent).toBe(1);
  await work('pacs', signal);
  expect(sent).toBe(1);
  await plan('1.2');
  letGo();
  await working;
  expect(sent).toBe(2);
  expect(await ledger.deliveries.unsettledDestinations()).toEqual([]);
  await ledger.close();
  await rm(folder, { recursive: true });
});
