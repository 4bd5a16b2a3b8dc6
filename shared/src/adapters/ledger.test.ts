import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@pce/test-support/postgres-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttributeMatch, Ledger, ReceivedInstance } from '../ports/ledger.js';
import { openPostgresLedger } from './postgres-ledger.js';
import { LedgerLockedError, openSqliteLedger } from './sqlite-ledger.js';

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pce-ledger-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

function received(study: string, index: number, change: Partial<ReceivedInstance> = {}): ReceivedInstance {
  return {
    studyInstanceUid: study,
    seriesInstanceUid: `${study}.1`,
    sopInstanceUid: `${study}.1.${index}`,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    modality: 'CT',
    location: `here/${index}`,
    byteLength: 5_000_000_000,
    sha256: `digest-${index}`,
    source: { door: 'dimse', sender: 'CT1' },
    receivedAt: at(index),
    isOwnResult: false,
    studyAttributes: { PatientName: 'Ödön^Béla', PatientID: '100%_a', StudyDate: '20260105' },
    seriesAttributes: { SeriesDescription: 'Thorax' },
    instanceAttributes: { InstanceNumber: String(index) },
    ...change,
  };
}

const kinds: [string, () => Promise<Ledger>][] = [['SQLite', () => openSqliteLedger(join(folder, 'a.sqlite'))]];
if (postgres) kinds.push(['PostgreSQL', () => openPostgresLedger(postgres.url)]);

describe.each(kinds)('the ledger on %s', (_name, open) => {
  let ledger: Ledger;
  const study = `2.25.${Date.now()}`;
  beforeAll(async () => {
    ledger = await open();
  });
  afterAll(() => ledger.close());

  const search = (...matches: AttributeMatch[]) =>
    ledger
      .searchStudies({
        matches: [...matches, { keyword: 'StudyInstanceUID', kind: 'exact', values: [study] }],
        limit: 9,
        offset: 0,
      })
      .then((found) => found.length);

  it('tells new, identical and conflicting apart, also when they come at once', async () => {
    expect(await ledger.recordInstance(received(study, 1))).toBe('new');
    expect(await ledger.recordInstance(received(study, 1))).toBe('identical');
    expect(await ledger.recordInstance(received(study, 1, { sha256: 'other' }))).toBe('conflicting');
    const many = Array.from({ length: 100 }, (_, index) => ledger.recordInstance(received(study, index + 2)));
    expect(new Set(await Promise.all(many))).toEqual(new Set(['new']));
    const held = await ledger.findInstances(`${study}.1.1`);
    expect(held.map(({ sha256, isConflicting }) => [sha256, isConflicting])).toEqual([
      ['digest-1', false],
      ['other', true],
    ]);
    expect(held[0]).toMatchObject({
      byteLength: 5_000_000_000,
      receivedAt: at(1),
      instanceAttributes: { InstanceNumber: '1' },
    });
  });

  it('finds by what was recorded', async () => {
    const name = (pattern: string): AttributeMatch => ({ keyword: 'PatientName', kind: 'wildcard', pattern });
    expect(await search(name('ödön^*'))).toBe(1);
    expect(await search(name('*b?la'))).toBe(1);
    expect(await search(name('Bela'))).toBe(0);
    const id = (pattern: string): AttributeMatch => ({ keyword: 'PatientID', kind: 'wildcard', pattern });
    expect([await search(id('100%_a')), await search(id('100%*')), await search(id('1000*'))]).toEqual([1, 1, 0]);
    const range = (from: string | null, to: string | null): AttributeMatch => ({
      keyword: 'StudyDate',
      kind: 'range',
      from,
      to,
    });
    expect([await search(range('20260101', null)), await search(range(null, '20260101'))]).toEqual([1, 0]);
    expect(await search({ keyword: 'ModalitiesInStudy', kind: 'exact', values: ['MR', 'CT'] })).toBe(1);
    const [series] = await ledger.searchSeries(study, {
      matches: [{ keyword: 'SeriesDescription', kind: 'wildcard', pattern: 'thor*' }],
      limit: 5,
      offset: 0,
    });
    expect(series).toMatchObject({ seriesInstanceUid: `${study}.1`, instanceCount: 102 });
    const query = {
      matches: [{ keyword: 'InstanceNumber', kind: 'exact' as const, values: ['7'] }],
      limit: 5,
      offset: 0,
    };
    expect((await ledger.searchInstances(study, null, query)).map((found) => found.sopInstanceUid)).toEqual([
      `${study}.1.7`,
    ]);
  });

  it('asks for each set of instances once, and lets the latest supersede what is pending', async () => {
    const ask = (instanceSetDigest: string, second: number) =>
      ledger.requestAnalysis({
        studyInstanceUid: study,
        instanceSetDigest,
        reason: 'quiet',
        priority: 3,
        destinations: ['pacs'],
        requestedAt: at(second),
      });
    expect(await ledger.studiesWithoutAnalysis()).toContain(study);
    expect([await ask('a', 200), await ask('a', 201), await ask('b', 202)]).toEqual([true, false, true]);
    // An image that is recorded while the request is made may bear an earlier time: what is recent is looked at again.
    expect(await ledger.studiesWithoutAnalysis()).toContain(study);
    await ledger.recordInstance(received(`${study}.9`, 1, { receivedAt: at(4000) }));
    expect(await ledger.studiesWithoutAnalysis()).not.toContain(study);
    expect(
      (await ledger.analysesOfStudy(study)).map(({ instanceSetDigest, state }) => `${instanceSetDigest} ${state}`),
    ).toEqual(['a superseded', 'b pending']);
    await ledger.settleAnalysis(study, 'b', 'done');
    expect(await ledger.processedStudies()).toContain(study);
    await ledger.recordInstance(received(study, 500));
    expect(await ledger.studiesWithoutAnalysis()).toContain(study);
  });

  it('keeps on record what was removed, and takes it again', async () => {
    const gone = { sopInstanceUid: `${study}.1.2`, sha256: 'digest-2' };
    await ledger.markRemoved(gone, at(0));
    expect(await ledger.findInstances(gone.sopInstanceUid)).toEqual([]);
    expect(await ledger.recordInstance(received(study, 2))).toBe('identical');
    expect(await ledger.findInstances(gone.sopInstanceUid)).toHaveLength(1);
  });
});

it('SQLite: one process at a time, and nothing is lost on the way', async () => {
  const path = join(folder, 'b.sqlite');
  const first = await openSqliteLedger(path);
  await first.recordInstance(received('1.9', 1));
  await expect(openSqliteLedger(path)).rejects.toThrow(LedgerLockedError);
  await first.close();
  const second = await openSqliteLedger(path);
  expect(await second.findInstances('1.9.1.1')).toHaveLength(1);
  await second.close();
});
