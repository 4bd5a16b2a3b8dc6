import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FsInstanceStore } from '@pce/shared/adapters/fs-instance-store';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import { ctSlice, writeFiles } from '@pce/test-support/ct-slice';
import { freePort, runBeside, startServer } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import { expect, it } from 'vitest';
import { datasetBytes } from './test-ingest.js';

/** The built service: it is the process that is killed. */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const SENDERS = 2;
const IMAGES_PER_SENDER = 150;
/** The kill comes this long after the first sender is let in, at most. */
const LATEST_KILL_MS = 2000;

/** What a number of rounds came to. */
interface KillOutcome {
  rounds: number;
  /** Instances a sender was told are safe. */
  acknowledged: number;
  /** Instances on record at the end, acknowledged or not. */
  recorded: number;
  /** Must all be empty: an acknowledged instance that is missing, or anything visible that is not whole. */
  faults: string[];
}

/**
 * Sends to the service and kills it with SIGKILL at a random moment, again and again on the same data folder. After
 * each kill the ledger and the store are opened and compared with what the senders were told.
 */
async function runKillRounds(rounds: number, random: () => number): Promise<KillOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'pce-kill-'));
  const outcome: KillOutcome = { rounds, acknowledged: 0, recorded: 0, faults: [] };
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const acknowledged = await sendAndKill(folder, round, random);
      outcome.acknowledged += acknowledged.size;
      outcome.recorded += await inspect(folder, round, acknowledged, outcome.faults);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return outcome;
}

/** The SOP Instance UIDs that were acknowledged, with the data sets sent under them. */
async function sendAndKill(folder: string, round: number, random: () => number): Promise<Map<string, Buffer>> {
  const port = await freePort();
  const config = join(folder, 'pce.yaml');
  const settings = {
    dataFolder: join(folder, 'data'),
    watermarkBytes: 0,
    dicom: { host: '127.0.0.1', port, senders: [{ calledAeTitle: 'PCE', callingAeTitles: ['*'] }] },
    web: { port: 0 },
  };
  await writeFile(config, JSON.stringify(settings));
  const server = await startServer(process.execPath, [MAIN, config], port);
  const sent = new Map<string, { uid: string; dataset: Buffer }>();
  const runs = Array.from({ length: SENDERS }, async (_, sender) => {
    const images = join(folder, `images-${sender}`);
    await mkdir(images, { recursive: true });
    const study = `${round}.${sender + 1}`;
    const files = Array.from({ length: IMAGES_PER_SENDER }, (_, index) => ctSlice(study, index + 1));
    const paths = await writeFiles(images, files);
    for (const [index, path] of paths.entries()) {
      sent.set(path, { uid: `1.2.3.${study}.1.${index + 1}`, dataset: datasetBytes(files[index] as Uint8Array) });
    }
    return runBeside('storescu', ['-v', '-aec', 'PCE', '127.0.0.1', String(port), ...paths]);
  });
  const killed = once(server.process, 'exit');
  const letIn = (chunk: Buffer) => {
    if (!chunk.includes('association-opened')) return;
    server.process.stdout?.off('data', letIn);
    setTimeout(() => server.process.kill('SIGKILL'), random() * LATEST_KILL_MS);
  };
  server.process.stdout?.on('data', letIn);
  const [outputs] = await Promise.all([Promise.all(runs), killed]);
  return acknowledgedOf(
    outputs.map((run) => run.output),
    sent,
  );
}

function acknowledgedOf(
  outputs: string[],
  sent: ReadonlyMap<string, { uid: string; dataset: Buffer }>,
): Map<string, Buffer> {
  const acknowledged = new Map<string, Buffer>();
  for (const output of outputs) {
    let current: string | undefined;
    for (const line of output.split('\n')) {
      current = /Sending file: (.*)$/.exec(line)?.[1] ?? current;
      const instance = line.includes('Received Store Response (Success)') ? sent.get(current ?? '') : undefined;
      if (instance) acknowledged.set(instance.uid, instance.dataset);
    }
  }
  return acknowledged;
}

/** Adds what is wrong to `faults`; gives the number of instances of this round on record. */
async function inspect(
  folder: string,
  round: number,
  acknowledged: ReadonlyMap<string, Buffer>,
  faults: string[],
): Promise<number> {
  const ledger = await openSqliteLedger(join(folder, 'data/ledger.sqlite'));
  const store = await FsInstanceStore.open({ root: join(folder, 'data/instances'), watermarkBytes: 0 });
  for (const [uid, dataset] of acknowledged) {
    const [instance] = await ledger.findInstances(uid);
    if (!instance) faults.push(`round ${round}: ${uid} was acknowledged and is not in the ledger`);
    else if (!datasetBytes(await store.read(instance)).equals(dataset)) {
      faults.push(`round ${round}: ${uid} was acknowledged and its bytes differ`);
    }
  }
  let recorded = 0;
  for (let sender = 1; sender <= SENDERS; sender += 1) {
    for (const instance of await ledger.instancesOfStudy(`1.2.3.${round}.${sender}`)) {
      recorded += 1;
      const bytes = await store.read(instance).catch(() => null);
      const digest = bytes && createHash('sha256').update(bytes).digest('hex');
      if (digest !== instance.sha256)
        faults.push(`round ${round}: ${instance.sopInstanceUid} is on record and not whole`);
    }
  }
  const unfinished = await readdir(join(folder, 'data/instances/incoming'));
  if (unfinished.length > 0) faults.push(`round ${round}: ${unfinished.length} unfinished files after opening`);
  await ledger.close();
  await store.close();
  return recorded;
}

/** A few rounds always; PCE_KILL_ROUNDS=200 for the campaign. */
const ROUNDS = Number(process.env.PCE_KILL_ROUNDS ?? 4);

it(
  'killed at random moments, loses nothing it acknowledged and shows nothing half-written',
  async (test) => {
    requireTool('storescu', test.skip);
    const outcome = await runKillRounds(ROUNDS, Math.random);
    console.info(JSON.stringify(outcome));
    expect(outcome.faults).toEqual([]);
    // Otherwise nothing was put to the test.
    expect(outcome.acknowledged).toBeGreaterThan(0);
    expect(outcome.recorded).toBeGreaterThanOrEqual(outcome.acknowledged);
  },
  ROUNDS * 20_000,
);
