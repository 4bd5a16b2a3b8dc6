import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsInstanceStore } from '@pce/shared/adapters/fs-instance-store';
import { InProcessQueue } from '@pce/shared/adapters/in-process-queue';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import { readCheckedYaml } from '@pce/shared/config/checked-yaml';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { identifyInstance } from '@pce/shared/dicom/query-identity';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '@pce/shared/dimse/sop-classes';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import { reporterContradictions } from '../config.js';
import { type ReporterConfig, ReporterConfigSchema } from '../config-schema.js';
import { type Reporter, startReporter } from '../start-reporter.js';

/** A running reporter with a folder of its own, for tests. */
export interface TestReporter extends Reporter {
  folder: string;
  store: InstanceStore;
  ledger: SqlLedger;
  events: { event: string; fields: Readonly<Record<string, unknown>> }[];
  /** Ends it and removes the folder. */
  end(): Promise<void>;
}

/** The configuration that some YAML describes. */
export function reporterConfig(yaml: string): ReporterConfig {
  const checked = readCheckedYaml(ReporterConfigSchema, yaml, [], reporterContradictions);
  if (checked.kind === 'invalid') throw new Error(checked.problems.join('\n'));
  return checked.value;
}

/** Starts a reporter. `yaml` may name the folder as FOLDER. */
export async function startTestReporter(
  yaml: string | ((folder: string) => Promise<string>),
  change: { now?: () => Date } = {},
): Promise<TestReporter> {
  const folder = await mkdtemp(join(tmpdir(), 'pce-reporter-'));
  const text = typeof yaml === 'string' ? yaml : await yaml(folder);
  const ledger = await openSqliteLedger(join(folder, 'ledger.sqlite'));
  const store = await FsInstanceStore.open({ root: join(folder, 'instances'), watermarkBytes: 0, writerThreads: 1 });
  const events: TestReporter['events'] = [];
  const queue = new InProcessQueue((job, error) => events.push({ event: 'job-failed', fields: { ...job, error } }));
  const reporter = await startReporter({
    store,
    ledger,
    queue,
    config: reporterConfig(text.replaceAll('FOLDER', folder)),
    clock: { now: change.now ?? (() => new Date()) },
    log: (_level, event, fields) => events.push({ event, fields }),
    aeTitle: 'PCE',
    dataFolder: folder,
    random: () => 0,
  });
  return {
    ...reporter,
    folder,
    store,
    ledger,
    events,
    end: async () => {
      await reporter.stop(0);
      await queue.close(0);
      await ledger.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Puts an image of a study and its result where the reporter finds them. Gives the result's name. */
export async function recordStudy(
  { store, ledger }: { store: InstanceStore; ledger: SqlLedger },
  { result, image }: { result: StudyResult; image: Uint8Array },
  destinations: string[] = [],
): Promise<string> {
  const identification = identifyInstance(image, true);
  if (identification.kind !== 'identified') throw new Error('sample: expected a readable image');
  const writer = store.begin();
  await writer.write(image);
  await ledger.recordInstance({
    ...identification.identity,
    ...(await writer.commit(identification.identity)),
    transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN,
    source: { door: 'folder', sender: 'sample' },
    receivedAt: new Date(),
    isOwnResult: false,
  });
  await ledger.requestAnalysis({
    studyInstanceUid: result.studyInstanceUid,
    instanceSetDigest: result.instanceSetDigest,
    reason: 'quiet',
    priority: 0,
    destinations,
    requestedAt: new Date(),
  });
  const { resultId } = await ledger.results.recordResult({
    result,
    requestedDigest: result.instanceSetDigest,
    pictures: [],
    analysedAt: new Date('2026-11-22T18:36:01Z'),
    durationMs: 1000,
  });
  return resultId;
}
