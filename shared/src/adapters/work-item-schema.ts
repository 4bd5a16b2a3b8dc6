import type { Kysely, Migration } from 'kysely';

/** Tasks and who wants to hear of them. See `ledger-schema.ts` for the forms of values. */
export interface WorkItemTables {
  work_items: { uid: string; attributes: string; transaction_uid: string | null; version: number; created_at: string };
  work_item_subscriptions: { ae_title: string; target: string };
}

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
};
