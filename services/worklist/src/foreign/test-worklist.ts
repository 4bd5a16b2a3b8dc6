import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsInstanceStore } from '@pce/shared/adapters/fs-instance-store';
import { InProcessEvents } from '@pce/shared/adapters/in-process-events';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';
import type { Keyword } from '@pce/shared/dicom/tag';
import type { EventHub } from '@pce/shared/ports/event-hub';
import type { QueryAttributes } from '@pce/shared/ports/ledger';
import type { ResultPicture } from '@pce/shared/ports/result-ledger';
import Fastify, { type FastifyInstance } from 'fastify';
import { Value } from 'typebox/value';
import { type AccessConfig, AccessSchema } from '../access-config.js';
import { addWorklist } from '../adapters/add-worklist.js';
import type { WorklistDeps } from '../adapters/worklist-deps.js';

const STUDY_KEYWORDS = [
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyDate',
  'StudyDescription',
  'AccessionNumber',
] as const;
const INSTANCE_KEYWORDS = [
  'InstanceNumber',
  'NumberOfFrames',
  'ImagePositionPatient',
  'ImageOrientationPatient',
  'ViewPosition',
] as const;

/** The pages over a ledger and a store of their own, for tests. */
export interface TestWorklist {
  app: FastifyInstance;
  ledger: SqlLedger;
  events: EventHub;
  /** Where it listens, such as "http://127.0.0.1:40123". */
  origin: string;
  /** Every route, as "POST /worklist/api/reviews". */
  routes: string[];
  /** Analyses and destinations that were asked to go again. */
  retried: string[];
  /** Keeps files as if they had been received. */
  receive(files: readonly Uint8Array[], receivedAt?: Date): Promise<void>;
  /** Records a result and tells of it. */
  analyse(result: StudyResult, pictures?: readonly ResultPicture[]): Promise<string>;
  /** The key of a study in addresses. */
  keyOf(studyInstanceUid: string): Promise<string>;
  end(): Promise<void>;
}

/** Starts the pages on a free loopback port. @param change may alter what they are given */
export async function startTestWorklist(
  access: Partial<AccessConfig> = {},
  change: Partial<WorklistDeps> = {},
  port = 0,
): Promise<TestWorklist> {
  const folder = await mkdtemp(join(tmpdir(), 'pce-worklist-'));
  const ledger = await openSqliteLedger(join(folder, 'ledger.sqlite'));
  const store = await FsInstanceStore.open({ root: join(folder, 'instances'), watermarkBytes: 0 });
  const failures: Error[] = [];
  const events = new InProcessEvents((error) => failures.push(error));
  const retried: string[] = [];
  const app = Fastify({ forceCloseConnections: 'idle' });
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => void routes.push(...[method].flat().map((one) => `${one} ${url}`)));
  await addWorklist(app, {
    ledger,
    store,
    events,
    clock: { now: () => new Date() },
    access: accessConfig(access),
    host: '127.0.0.1',
    isTls: false,
    oidcClientSecret: null,
    system: async () => ({
      queues: [{ name: 'analyse', waiting: 3 }],
      disk: { freeBytes: 5e11, totalBytes: 1e12, watermarkBytes: 2e9 },
      destinations: [],
      deliveryLatenciesMs: [400],
      versions: [{ name: 'PCE', version: '0.0.0' }],
    }),
    report: async () => null,
    analysisRetried: (study) => retried.push(study),
    deliveriesRetried: (destinations) => retried.push(...destinations),
    failed: (error) => failures.push(error),
    ...change,
  });
  const origin = await app.listen({ host: '127.0.0.1', port });
  return {
    app,
    ledger,
    events,
    origin,
    routes,
    retried,
    receive: async (files, receivedAt = new Date()) => {
      for (const bytes of files) await receive(bytes, receivedAt, store, ledger);
      const study = readPart10(files[0] as Uint8Array).dataset.string('StudyInstanceUID') ?? '';
      events.publish({ kind: 'received', studyInstanceUid: study });
    },
    analyse: async (result, pictures = []) => {
      const { instanceSetDigest: requestedDigest, studyInstanceUid } = result;
      const made = { result, requestedDigest, pictures, analysedAt: new Date(), durationMs: 1200 };
      const { resultId } = await ledger.results.recordResult(made);
      events.publish({ kind: 'analysed', studyInstanceUid });
      return resultId;
    },
    keyOf: async (studyInstanceUid) => {
      const [study] = await ledger.worklist.studies({ kind: 'studies', studyInstanceUids: [studyInstanceUid] });
      return study?.handle ?? '';
    },
    end: async () => {
      await app.close();
      await events.close();
      await ledger.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
      if (failures.length > 0) throw new AggregateError(failures, 'the pages failed behind the back of the test');
    },
  };
}

/** Settings of access with the defaults filled in. */
function accessConfig(access: Partial<AccessConfig>): AccessConfig {
  return Value.Decode(AccessSchema, Value.Default(AccessSchema, { ...access }));
}

async function receive(bytes: Uint8Array, receivedAt: Date, store: FsInstanceStore, ledger: SqlLedger): Promise<void> {
  const { dataset, transferSyntaxUid } = readPart10(bytes);
  const address = {
    studyInstanceUid: dataset.string('StudyInstanceUID') ?? '',
    seriesInstanceUid: dataset.string('SeriesInstanceUID') ?? '',
    sopInstanceUid: dataset.string('SOPInstanceUID') ?? '',
  };
  const writer = store.begin();
  await writer.write(bytes);
  const written = await writer.commit(address);
  await ledger.recordInstance({
    ...address,
    ...written,
    sopClassUid: dataset.string('SOPClassUID') ?? '',
    transferSyntaxUid,
    modality: dataset.string('Modality') ?? '',
    source: { door: 'dimse', sender: 'TEST' },
    receivedAt,
    isOwnResult: false,
    studyAttributes: collect(dataset, STUDY_KEYWORDS),
    seriesAttributes: {},
    instanceAttributes: collect(dataset, INSTANCE_KEYWORDS),
  });
}

function collect(dataset: Dataset, keywords: readonly Keyword[]): QueryAttributes {
  const found = keywords.map((keyword) => [keyword, dataset.strings(keyword).join('\\')] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== ''));
}
