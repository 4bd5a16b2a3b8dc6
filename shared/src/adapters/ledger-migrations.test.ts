import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@pce/test-support/postgres-server';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LedgerTooNewError, ledgerSteps, migrateLedger, NO_STEP } from './ledger-migrations.js';
import type { LedgerDatabase } from './ledger-schema.js';
import { openPostgresDatabase } from './postgres-ledger.js';
import { openSqliteDatabase } from './sqlite-ledger.js';

const postgres = await startPostgres();
const folder = await mkdtemp(join(tmpdir(), 'pce-migrations-'));
afterAll(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

type Opened = { database: Kysely<LedgerDatabase>; release: () => void };
const kinds: [string, () => Opened][] = [['SQLite', () => openSqliteDatabase(join(folder, 'a.sqlite'))]];
if (postgres) kinds.push(['PostgreSQL', () => ({ database: openPostgresDatabase(postgres.url), release: () => {} })]);

describe.each(kinds)('the schema on %s', (_name, open) => {
  let opened: Opened;
  let database: Kysely<LedgerDatabase>;
  beforeAll(() => {
    opened = open();
    database = opened.database;
  });
  afterAll(async () => {
    await database.destroy();
    opened.release();
  });

  const tables = async () => (await database.introspection.getTables()).map(({ name }) => name).sort();
  /** Tables with their columns, as the database itself tells. */
  const shape = async () =>
    (await database.introspection.getTables())
      .map(({ name, columns }) => `${name}: ${columns.map((column) => column.name).sort()}`)
      .sort();
  const names = async () => (await ledgerSteps(database)).map(({ name }) => name);

  it('goes forward step by step and back again, to the same tables and columns each time', async () => {
    const shapes: string[][] = [];
    for (const step of await names()) {
      shapes.push(await shape());
      expect(await migrateLedger(database, step)).toMatchObject([{ migrationName: step, status: 'Success' }]);
    }
    for (const step of (await names()).reverse()) {
      const before = (await names())[(await names()).indexOf(step) - 1] ?? NO_STEP;
      const [done] = await migrateLedger(database, before);
      expect(done).toMatchObject({ migrationName: step, direction: 'Down', status: 'Success' });
      const expected = shapes.pop()!.filter((line) => !line.startsWith('kysely_'));
      expect((await shape()).filter((line) => !line.startsWith('kysely_'))).toEqual(expected);
    }
    await migrateLedger(database);
    expect((await ledgerSteps(database)).every(({ isDone }) => isDone)).toBe(true);
  });

  it('keeps what the older schema has a place for', async () => {
    const analysis = { study_uid: '1.2', instance_set_digest: 'd', reason: 'quiet', priority: 7, destinations: '[]' };
    const rest = { requested_at: '2026-01-01T00:00:00.000Z', state: 'failed', attempts: 3, not_before: null };
    await database
      .insertInto('analyses')
      .values({ ...analysis, ...rest, failure: 'why' })
      .execute();
    const item = {
      uid: '2.25.1',
      attributes: '{"00741204":{"vr":"LO","Value":["PCE reading"]}}',
      transaction_uid: null,
    };
    await database
      .insertInto('work_items')
      .values({ ...item, version: 1, created_at: rest.requested_at })
      .execute();
    const subscription = { ae_title: 'WATCHER', target: '', filter: '[]' };
    await database.insertInto('work_item_subscriptions').values(subscription).execute();

    await migrateLedger(database, '0005-reviews');
    await migrateLedger(database);
    expect(await database.selectFrom('analyses').selectAll().execute()).toEqual([
      { ...analysis, requested_at: rest.requested_at, state: 'failed', attempts: 0, not_before: null, failure: null },
    ]);

    await database
      .insertInto('work_items')
      .values({ ...item, version: 1, created_at: rest.requested_at })
      .execute();
    await database.insertInto('work_item_subscriptions').values(subscription).execute();
    await migrateLedger(database, '0010-delivery-variants');
    await migrateLedger(database);
    expect(await database.selectFrom('work_items').select('uid').execute()).toEqual([{ uid: item.uid }]);
    const found = await database.selectFrom('work_item_values').select('value').execute();
    expect(found.map(({ value }) => value)).toContain('PCE reading');
    const heard = await database.selectFrom('work_item_subscriptions').select(['ae_title', 'target']).execute();
    expect(heard).toEqual(
      expect.arrayContaining([
        { ae_title: 'WATCHER', target: '' },
        { ae_title: 'WATCHER', target: item.uid },
      ]),
    );
  });

  it('refuses a ledger of a newer version, and says how to go back', async () => {
    const timestamp = '2027-01-01T00:00:00.000Z';
    await sql`INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-later', ${timestamp})`.execute(database);
    await expect(migrateLedger(database)).rejects.toThrow(LedgerTooNewError);
    await expect(migrateLedger(database)).rejects.toThrow(/9999-later.*pce migrate --to \d{4}-/);
    expect(await tables()).toContain('instances');
  });
});
