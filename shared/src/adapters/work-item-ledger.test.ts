import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@pce/test-support/postgres-server';
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJsonDataset, WorkItemMatch } from '../ports/work-item-ledger.js';
import { openPostgresLedger } from './postgres-ledger.js';
import type { SqlLedger } from './sql-ledger.js';
import { openSqliteLedger } from './sqlite-ledger.js';
import { WORK_ITEM_MIGRATION, WORK_ITEM_SEARCH_MIGRATION } from './work-item-schema.js';

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pce-work-items-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const kinds: [string, () => Promise<SqlLedger>][] = [['SQLite', () => openSqliteLedger(join(folder, 'a.sqlite'))]];
if (postgres) kinds.push(['PostgreSQL', () => openPostgresLedger(postgres.url)]);

const STATE = '00741000';
const LABEL = '00741204';
const INPUT = '00404021';
const STUDY = '0020000D';
const START = '00404005';

const item = (state: string, label: string, study: string, start = '20260102'): DicomJsonDataset => ({
  [STATE]: { vr: 'CS', Value: [state] },
  [LABEL]: { vr: 'LO', Value: [label] },
  [START]: { vr: 'DT', Value: [start] },
  [INPUT]: { vr: 'SQ', Value: [{ [STUDY]: { vr: 'UI', Value: [study] } }] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^100%' }] },
  '00404041': { vr: 'CS' },
});
const anyOf = (path: string[], ...patterns: string[]): WorkItemMatch => ({ kind: 'any-of', path, patterns });

describe.each(kinds)('work items on %s', (_name, open) => {
  let ledger: SqlLedger;
  beforeAll(async () => {
    ledger = await open();
    for (let index = 0; index < 1200; index += 1) {
      const attributes = item(index % 4 === 0 ? 'SCHEDULED' : 'COMPLETED', `Task ${index}`, `1.${index}`);
      await ledger.workItems.create({ sopInstanceUid: `9.${index}`, attributes, transactionUid: null });
    }
  });
  afterAll(() => ledger.close());

  const found = async (...matches: WorkItemMatch[]) =>
    (await ledger.workItems.search(matches, 5, 0)).map(({ sopInstanceUid }) => sopInstanceUid);

  it('are found however many were made since', async () => {
    expect(await found(anyOf([INPUT, STUDY], '1.0'))).toEqual(['9.0']);
    const all = [];
    for (let offset = 0; offset === all.length; offset += 500) {
      all.push(...(await ledger.workItems.search([anyOf([STATE], 'SCHEDULED')], 500, offset)));
    }
    expect(new Set(all.map(({ sopInstanceUid }) => sopInstanceUid)).size).toBe(300);
  });

  it('meet lists, wildcards and ranges as the standard has them', async () => {
    expect(await found(anyOf([LABEL], 'task 7?1'), anyOf([STATE], 'scheduled', 'canceled'))).toEqual([]);
    const someOpen = await found(anyOf([LABEL], '*SK 7?2'), anyOf([STATE], 'scheduled'));
    expect(someOpen.sort()).toEqual(['9.712', '9.732', '9.752', '9.772', '9.792']);
    expect(await found(anyOf([LABEL], 'Task 1', 'Task 2'))).toHaveLength(2);
    expect(await found(anyOf(['00100010'], 'doe^100%'), anyOf([LABEL], 'Task 5'))).toEqual(['9.5']);
    expect(await found(anyOf(['00100010'], 'doe_100*'))).toEqual([]);
    const range = (from: string | null, to: string | null): WorkItemMatch => ({
      kind: 'range',
      path: [START],
      from,
      to,
    });
    const attributes = item('SCHEDULED', 'Late', '1.9', '20260305120000');
    await ledger.workItems.create({ sopInstanceUid: '8.1', attributes, transactionUid: null });
    expect(await found(range('20260301', null))).toEqual(['8.1']);
    expect(await found(range('20260301', '20260305'))).toEqual(['8.1']);
    expect(await found(range('20260301', '20260304'))).toEqual([]);
    expect(await found(range(null, '20260101'))).toEqual([]);
  });

  it('are found by what they are now, and changed once', async () => {
    const [before] = await ledger.workItems.search([anyOf([INPUT, STUDY], '1.4')], 1, 0);
    const attributes = item('IN PROGRESS', 'Changed', '1.4');
    expect(await ledger.workItems.replace({ ...before!, attributes, transactionUid: '7.1' })).toBe(true);
    expect(await ledger.workItems.replace({ ...before!, attributes })).toBe(false);
    expect(await found(anyOf([LABEL], 'Changed'))).toEqual(['9.4']);
    expect(await found(anyOf([LABEL], 'Task 4'))).toEqual([]);
    expect(await ledger.workItems.create({ sopInstanceUid: '9.4', attributes, transactionUid: null })).toBe(false);
    expect(await found(anyOf([INPUT, STUDY], '1.4'))).toEqual(['9.4']);
  });

  it('that are too long or too many to search by are kept all the same', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => `value ${index}`);
    const attributes = { ...item('SCHEDULED', 'x'.repeat(300), '1.5'), '00404010': { vr: 'LO', Value: many } };
    expect(await ledger.workItems.create({ sopInstanceUid: '8.2', attributes, transactionUid: null })).toBe(true);
    expect((await ledger.workItems.find('8.2'))?.attributes).toEqual(attributes);
    expect(await found(anyOf(['00404010'], 'value 7'))).toEqual(['8.2']);
    expect(await found(anyOf([LABEL], 'xxx*'))).toEqual([]);
  });

  it('have subscribers: to one, to those that meet a filter, to all; suspended or ended', async () => {
    const { workItems } = ledger;
    const open = anyOf([STATE], 'SCHEDULED');
    const all = { aeTitle: 'ALL', filter: [] };
    const some = { aeTitle: 'SOME', filter: [anyOf([LABEL], 'Task 1?')] };
    expect(await workItems.subscribeToAll(some, [open])).toEqual(expect.arrayContaining(['9.12', '9.16']));
    expect(await workItems.subscribeToAll(some, [open])).toEqual([]);
    await workItems.subscribe('ONE', '9.12');
    await workItems.subscribeToAll(all, [open]);
    expect((await workItems.subscribersOf('9.12')).sort()).toEqual(['ALL', 'ONE', 'SOME']);
    expect(await workItems.subscribersOf('9.20')).toEqual(['ALL']);
    expect(await workItems.subscribersOf('9.13')).toEqual([]);
    const byTitle = (a: { aeTitle: string }, b: { aeTitle: string }) => a.aeTitle.localeCompare(b.aeTitle);
    expect((await workItems.globalSubscriptions()).sort(byTitle)).toEqual([all, some]);
    await workItems.suspend('ALL');
    expect(await workItems.globalSubscriptions()).toEqual([some]);
    expect(await workItems.subscribersOf('9.20')).toEqual(['ALL']);
    await workItems.unsubscribe('ALL', '9.20');
    expect(await workItems.subscribersOf('9.20')).toEqual([]);
    await workItems.unsubscribeFromAll('SOME');
    expect((await workItems.subscribersOf('9.12')).sort()).toEqual(['ALL', 'ONE']);
    await workItems.endSubscriptionsOf('9.12');
    expect(await workItems.subscribersOf('9.12')).toEqual([]);
  });
});

it('made before searches were are found, and who heard of all hears of each', async () => {
  const native = new Database(':memory:') as unknown as SqliteDatabase;
  // biome-ignore lint/suspicious/noExplicitAny: a database of an earlier version has no type any more
  const database = new Kysely<any>({ dialect: new SqliteDialect({ database: native }) });
  await WORK_ITEM_MIGRATION.up(database);
  const attributes = JSON.stringify(item('SCHEDULED', 'Old', '1.7'));
  const row = { uid: '9.1', attributes, transaction_uid: null, version: 1, created_at: '2026' };
  await database.insertInto('work_items').values(row).execute();
  for (const target of ['1.2.840.10008.5.1.4.34.5', '1.2.840.10008.5.1.4.34.5.1', '9.1']) {
    await database.insertInto('work_item_subscriptions').values({ ae_title: 'OLD', target }).execute();
  }
  await WORK_ITEM_SEARCH_MIGRATION.up(database);
  const values = database.selectFrom('work_item_values').select('value').where('path', '=', `${INPUT}.${STUDY}`);
  expect(await values.execute()).toEqual([{ value: '1.7' }]);
  const subscriptions = database.selectFrom('work_item_subscriptions').select(['target', 'filter']).orderBy('target');
  expect(await subscriptions.execute()).toEqual([
    { target: '', filter: '[]' },
    { target: '9.1', filter: null },
  ]);
  await database.destroy();
});
