import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import { readPart10 } from '@pce/shared/dicom/part10';
import { identifyInstance } from '@pce/shared/dicom/query-identity';
import type { AnalysisRequest, Ledger, ReceivedInstance } from '@pce/shared/ports/ledger';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StudyWatch } from './study-watch.js';

const film = buildSmallFilm({ columns: 8, rows: 8 });
const { dataset } = readPart10(film);

let folder: string;
let ledger: Ledger;
/** Whether questions to the ledger fail, as while its server restarts. */
let isAway = false;
const failures: (string | null)[] = [];
const requests: AnalysisRequest[] = [];
let watch: StudyWatch;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pce-watch-'));
  ledger = await openSqliteLedger(join(folder, 'ledger.sqlite'));
  failures.length = 0;
  requests.length = 0;
  const reachable = new Proxy(ledger, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) =>
        isAway ? Promise.reject(new Error('the server is away')) : Reflect.apply(member, target, args);
    },
  });
  watch = new StudyWatch({
    ledger: reachable,
    clock: { now: () => new Date() },
    rules: { rules: [{ name: 'all', action: 'analyse', priority: 0, destinations: [], when: {} }] },
    periods: { quietSeconds: { DX: 0 }, otherwiseSeconds: 0 },
    headerOf: async () => dataset,
    analysisRequested: (request) => requests.push(request),
    againMs: 20,
    failed: (study) => failures.push(study),
  });
});
afterEach(async () => {
  isAway = false;
  await watch.stop();
  await ledger.close();
  await rm(folder, { recursive: true });
});

async function keep(): Promise<ReceivedInstance> {
  const identified = identifyInstance(film, true);
  if (identified.kind !== 'identified') throw new Error('expected a film');
  const instance: ReceivedInstance = {
    ...identified.identity,
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    location: 'here',
    byteLength: film.length,
    sha256: 'digest',
    source: { door: 'stow', sender: 'CT1' },
    receivedAt: new Date(),
    isOwnResult: false,
  };
  await ledger.recordInstance(instance);
  return instance;
}

it('asks again for a study when the ledger was away as it was due', async () => {
  const instance = await keep();
  isAway = true;
  watch.received(instance, dataset);
  await expect.poll(() => failures.length).toBeGreaterThan(1);
  isAway = false;
  await expect
    .poll(() => requests.map(({ studyInstanceUid }) => studyInstanceUid))
    .toEqual([instance.studyInstanceUid]);
  expect(new Set(failures)).toEqual(new Set([instance.studyInstanceUid]));
});

it('takes up what came before a start though the ledger is away at the start', async () => {
  const instance = await keep();
  isAway = true;
  const resuming = watch.resume();
  await expect.poll(() => failures.length).toBeGreaterThan(1);
  expect(failures).toContain(null);
  isAway = false;
  await resuming;
  await expect
    .poll(() => requests.map(({ studyInstanceUid }) => studyInstanceUid))
    .toEqual([instance.studyInstanceUid]);
});

it('stops while the ledger is away', async () => {
  isAway = true;
  const resuming = watch.resume();
  await expect.poll(() => failures.length).toBeGreaterThan(0);
  await watch.stop();
  await resuming;
  expect(requests).toEqual([]);
});
