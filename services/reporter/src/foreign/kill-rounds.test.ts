import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FsInstanceStore } from '@pce/shared/adapters/fs-instance-store';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import { sampleStudy } from '@pce/test-support/sample-study';
import { expect, it } from 'vitest';
import { type CountingReceiver, startCountingReceiver } from './counting-receiver.js';
import { recordStudy } from './test-reporter.js';

/** The built service: it is the process that is killed. */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Results that are new in each round. */
const RESULTS_PER_ROUND = 3;
const KINDS = ['ct-positive', 'film-negative', 'not-analysable'] as const;
/** The kill comes this long after the service says it is about to begin, at most. */
const LATEST_KILL_MS = 600;
/** The receiver takes a moment for each object, so that many kills come while it has one in hand. */
const RECEIVER_PAUSE_MS = 5;

/** What a number of rounds came to. */
interface KillOutcome {
  rounds: number;
  results: number;
  /** Kills, but for the last, that came while something was still to be done. */
  killedAtWork: number;
  /** Objects that came again after a kill, in the same bytes. */
  repeated: number;
  /** Attempts the ledger knows were cut off. */
  cutOff: number;
  /** Must be empty. */
  faults: string[];
}

/** Starts the service; settles when the process has ended. */
async function runService(folder: string, until: (child: ReturnType<typeof spawn>) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, [MAIN, join(folder, 'pce.yaml')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await until(child);
  await exited;
}

/** Waits for a line of the service's log; reads on, so that the service can write on. */
function logged(child: ReturnType<typeof spawn>, pattern: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (pattern.test(text)) resolve();
    });
  });
}

async function runKillRounds(rounds: number, random: () => number): Promise<KillOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'pce-deliver-'));
  const receiver = await startCountingReceiver({
    status: async () => {
      await new Promise((resolve) => setTimeout(resolve, RECEIVER_PAUSE_MS));
      return 0;
    },
  });
  const outcome: KillOutcome = { rounds, results: 0, killedAtWork: 0, repeated: 0, cutOff: 0, faults: [] };
  try {
    await writeFile(join(folder, 'pce.yaml'), JSON.stringify(settings(folder, receiver.port)));
    const resultIds: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      resultIds.push(...(await addResults(folder, round, outcome)));
      await runService(folder, async (child) => {
        await logged(child, /"event":"starting"/);
        await new Promise((resolve) => setTimeout(resolve, random() * LATEST_KILL_MS));
        child.kill('SIGKILL');
      });
    }
    await drain(folder, resultIds.length);
    outcome.results = resultIds.length;
    await inspect(folder, receiver, resultIds, outcome);
  } finally {
    await receiver.scp.close(0);
    await rm(folder, { recursive: true, force: true });
  }
  return outcome;
}

function settings(folder: string, port: number) {
  return {
    dataFolder: join(folder, 'data'),
    watermarkBytes: 0,
    destinations: [
      {
        name: 'pacs',
        cStore: { host: '127.0.0.1', port, aeTitle: 'COUNTER' },
        retry: { firstDelaySeconds: 0.05, longestDelaySeconds: 0.1 },
      },
    ],
  };
}

async function openData(folder: string) {
  const ledger = await openSqliteLedger(join(folder, 'data/ledger.sqlite'));
  const store = await FsInstanceStore.open({
    root: join(folder, 'data/instances'),
    watermarkBytes: 0,
    writerThreads: 1,
  });
  const close = async () => {
    await ledger.close();
    await store.close();
  };
  return { ledger, store, close };
}

/** Sees what the last kill left undone, and adds new work. */
async function addResults(folder: string, round: number, outcome: KillOutcome): Promise<string[]> {
  await mkdir(join(folder, 'data'), { recursive: true });
  const data = await openData(folder);
  const unreported = await data.ledger.results.resultsToReport();
  const undelivered = await data.ledger.deliveries.unsettledDestinations();
  outcome.killedAtWork += Number(unreported.length + undelivered.length > 0);
  const ids: string[] = [];
  for (let index = 0; index < RESULTS_PER_ROUND; index += 1) {
    const kind = KINDS[index % KINDS.length]!;
    ids.push(await recordStudy(data, sampleStudy(kind, round * RESULTS_PER_ROUND + index + 1)));
  }
  await data.close();
  return ids;
}

/** Runs the service to the end: until each result is delivered. Each run is longer than the last: machines are slow. */
async function drain(folder: string, results: number): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const data = await openData(folder);
    const done = await data.ledger.deliveries.searchDeliveries({ states: ['delivered'] }, results + 1, 0);
    await data.close();
    if (done.length >= results) return;
    await runService(folder, async (child) => {
      await logged(child, /"event":"ready"/);
      await new Promise((resolve) => setTimeout(resolve, (1000 + 20 * results) * (attempt + 1)));
      child.kill('SIGTERM');
    });
  }
}

async function inspect(folder: string, receiver: CountingReceiver, resultIds: string[], outcome: KillOutcome) {
  const data = await openData(folder);
  const { deliveries } = data.ledger;
  const known = new Set<string>();
  for (const resultId of resultIds) {
    const [delivery, ...others] = await deliveries.searchDeliveries({ resultId }, 5, 0);
    if (!delivery || others.length > 0) outcome.faults.push(`${resultId}: ${others.length + 1} deliveries`);
    if (delivery?.state !== 'delivered') outcome.faults.push(`${resultId}: the ledger says ${delivery?.state}`);
    const attempts = delivery ? await deliveries.attempts(delivery.deliveryId) : [];
    outcome.cutOff += attempts.filter((attempt) => attempt.outcome === 'cut-off').length;
    for (const { sopInstanceUid, state } of delivery?.objects ?? []) {
      const isThere = receiver.counts.has(sopInstanceUid);
      if (isThere !== (state === 'acknowledged')) outcome.faults.push(`${sopInstanceUid}: ${state}, there: ${isThere}`);
      if (isThere) known.add(sopInstanceUid);
    }
    const made = await deliveries.objectsOfResult(resultId);
    const reports = made.filter(({ kind, sopInstanceUid }) => kind === 'sr' && receiver.counts.has(sopInstanceUid));
    if (reports.length !== 1) outcome.faults.push(`${resultId}: ${reports.length} reports at the receiver`);
  }
  for (const [uid, count] of receiver.counts) {
    if (!known.has(uid)) outcome.faults.push(`${uid}: at the receiver, and not in the ledger`);
    if (receiver.digests.get(uid)!.size !== 1) outcome.faults.push(`${uid}: came in different bytes`);
    outcome.repeated += count - 1;
  }
  await data.close();
}

/** A few rounds always; PCE_KILL_ROUNDS=200 for the campaign. */
const ROUNDS = Number(process.env.PCE_KILL_ROUNDS ?? 4);

it(
  'killed at random moments, each result arrives once under its UIDs, and the ledger tells the truth',
  async () => {
    const outcome = await runKillRounds(ROUNDS, Math.random);
    console.info(JSON.stringify(outcome));
    expect(outcome.faults).toEqual([]);
    expect(outcome.results).toBe(ROUNDS * RESULTS_PER_ROUND);
  },
  180_000 + ROUNDS * 30_000,
);
