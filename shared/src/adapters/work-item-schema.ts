import { type Kysely, type Migration, sql } from 'kysely';
import type { DicomJsonDataset } from '../ports/work-item-ledger.js';
import { dropColumns, dropIndexes, dropTables } from './drop-tables.js';
import { workItemValues } from './work-item-values.js';

/** Tasks and who wants to hear of them. See `ledger-schema.ts` for the forms of values. */
export interface WorkItemTables {
  work_items: { uid: string; attributes: string; transaction_uid: string | null; version: number; created_at: string };
  /** `target` is a work item, or empty for all that are to come; `filter` has their conditions as JSON. */
  work_item_subscriptions: { ae_title: string; target: string; filter: string | null };
  /** Values that searches match: tags joined by ".", and `folded` in lower case. */
  work_item_values: { uid: string; path: string; value: string; folded: string };
}

/** Rows written in one statement. */
const ROWS_AT_A_TIME = 200;
/** Well-known UIDs that stood for all work items before. Source: PS3.4 section CC.2.3. */
const ALL_WORK_ITEMS = ['1.2.840.10008.5.1.4.34.5', '1.2.840.10008.5.1.4.34.5.1'];

export const WORK_ITEM_MIGRATION: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await database.schema
      .createTable('work_items')
      .addColumn('uid', 'text', (column) => column.primaryKey())
      .addColumn('attributes', 'text', (column) => column.notNull())
      .addColumn('transaction_uid', 'text')
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .execute();
    await database.schema
      .createTable('work_item_subscriptions')
      .addColumn('ae_title', 'text', (column) => column.notNull())
      .addColumn('target', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('work_item_subscriptions_key', ['ae_title', 'target'])
      .execute();
  },
  down: (database) => dropTables(database, ['work_item_subscriptions', 'work_items']),
};

export const WORK_ITEM_SEARCH_MIGRATION: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    const { schema } = database;
    let values = schema.createTable('work_item_values');
    for (const name of ['uid', 'path', 'value', 'folded']) {
      values = values.addColumn(name, 'text', (column) => column.notNull());
    }
    await values.execute();
    await schema.createIndex('work_item_values_by_value').on('work_item_values').columns(['path', 'folded']).execute();
    await schema.createIndex('work_item_values_by_item').on('work_item_values').column('uid').execute();
    await schema.createIndex('work_items_by_creation').on('work_items').columns(['created_at', 'uid']).execute();
    await schema.alterTable('work_item_subscriptions').addColumn('filter', 'text').execute();
    await schema.createIndex('work_item_subscribers').on('work_item_subscriptions').column('target').execute();
    const tables = database as Kysely<WorkItemTables>;
    for (const { uid, attributes } of await tables.selectFrom('work_items').select(['uid', 'attributes']).execute()) {
      for (const rows of workItemValueRows(uid, JSON.parse(attributes))) {
        await tables.insertInto('work_item_values').values(rows).execute();
      }
    }
    await openGlobalSubscriptions(tables);
  },
  async down(database: Kysely<unknown>): Promise<void> {
    await dropIndexes(database, ['work_item_subscribers', 'work_items_by_creation']);
    await closeGlobalSubscriptions(database as Kysely<WorkItemTables>);
    await dropColumns(database, 'work_item_subscriptions', ['filter']);
    await dropTables(database, ['work_item_values']);
  },
};

/** Who heard of everything hears of each work item there is, and of those to come. */
async function openGlobalSubscriptions(database: Kysely<WorkItemTables>): Promise<void> {
  const rows = await database
    .selectFrom('work_item_subscriptions')
    .select('ae_title')
    .distinct()
    .where('target', 'in', ALL_WORK_ITEMS)
    .execute();
  await database.deleteFrom('work_item_subscriptions').where('target', 'in', ALL_WORK_ITEMS).execute();
  for (const { ae_title } of rows) {
    await database.insertInto('work_item_subscriptions').values({ ae_title, target: '', filter: '[]' }).execute();
    await sql`INSERT INTO work_item_subscriptions (ae_title, target)
      SELECT ${ae_title}, uid FROM work_items WHERE true ON CONFLICT DO NOTHING`.execute(database);
  }
}

/** Who hears of all that is to come gets the well-known UID back, with or without conditions: before there were none. */
async function closeGlobalSubscriptions(database: Kysely<WorkItemTables>): Promise<void> {
  const [target] = ALL_WORK_ITEMS;
  await database.updateTable('work_item_subscriptions').set({ target: target! }).where('target', '=', '').execute();
}

/** What makes a work item findable, in portions for one statement each. */
export function workItemValueRows(uid: string, attributes: DicomJsonDataset): WorkItemTables['work_item_values'][][] {
  const rows = workItemValues(attributes).map((one) => ({ uid, ...one, folded: one.value.toLowerCase() }));
  const portions = [];
  for (let at = 0; at < rows.length; at += ROWS_AT_A_TIME) portions.push(rows.slice(at, at + ROWS_AT_A_TIME));
  return portions;
}
