import { type CreateTableBuilder, type Kysely, type Migration, PostgresAdapter, sql } from 'kysely';
import { DELIVERY_MIGRATION, DELIVERY_VARIANTS_MIGRATION, type DeliveryTables } from './delivery-schema.js';
import { dropColumns, dropTables } from './drop-tables.js';
import { REVIEW_MIGRATION, type ReviewTables } from './review-schema.js';
import { WORK_ITEM_MIGRATION, WORK_ITEM_SEARCH_MIGRATION, type WorkItemTables } from './work-item-schema.js';

/** Times are ISO 8601 text in UTC, flags 0 or 1, attribute sets JSON: the subset SQLite and PostgreSQL share. */
export interface LedgerDatabase extends DeliveryTables, ReviewTables, WorkItemTables {
  studies: { study_uid: string; attributes: string; first_received_at: string };
  series: { study_uid: string; series_uid: string; modality: string; attributes: string };
  instances: {
    sop_uid: string;
    sha256: string;
    study_uid: string;
    series_uid: string;
    sop_class_uid: string;
    transfer_syntax_uid: string;
    modality: string;
    location: string;
    byte_length: number;
    attributes: string;
    door: string;
    sender: string;
    received_at: string;
    times_received: number;
    is_own_result: number;
    is_conflicting: number;
    removed_at: string | null;
  };
  /** Values that queries match, one row per level, UID and keyword; `folded` in lower case. */
  query_values: { level: string; uid: string; keyword: string; value: string; folded: string };
  analyses: {
    study_uid: string;
    instance_set_digest: string;
    reason: string;
    priority: number;
    destinations: string;
    requested_at: string;
    state: string;
    attempts: number;
    not_before: string | null;
    failure: string | null;
  };
  results: {
    result_id: string;
    study_uid: string;
    result: string;
    analysed_at: string;
    duration_ms: number;
    recorded_at: string;
    priority: number;
    destinations: string;
    superseded_by: string | null;
    is_reported: number;
  };
  result_pictures: { result_id: string; number: number; finding_id: number | null; label: string; png: Uint8Array };
}

/** The schema, step by step, and back. A step that was released is never changed: add another. */
export const LEDGER_MIGRATIONS: Record<string, Migration> = {
  '0001-instances': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('studies')
        .addColumn('study_uid', 'text', (column) => column.primaryKey())
        .addColumn('attributes', 'text', (column) => column.notNull())
        .addColumn('first_received_at', 'text', (column) => column.notNull())
        .execute();
      await database.schema
        .createTable('series')
        .addColumn('study_uid', 'text', (column) => column.notNull())
        .addColumn('series_uid', 'text', (column) => column.notNull())
        .addColumn('modality', 'text', (column) => column.notNull())
        .addColumn('attributes', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('series_key', ['study_uid', 'series_uid'])
        .execute();
      await createInstances(database);
      await createQueryValues(database);
    },
    down: (database) => dropTables(database, ['query_values', 'instances', 'series', 'studies']),
  },
  '0002-analyses': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('analyses')
        .addColumn('study_uid', 'text', (column) => column.notNull())
        .addColumn('instance_set_digest', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('priority', 'integer', (column) => column.notNull())
        .addColumn('destinations', 'text', (column) => column.notNull())
        .addColumn('requested_at', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('analyses_key', ['study_uid', 'instance_set_digest'])
        .execute();
      await database.schema.createIndex('analyses_by_state').on('analyses').column('state').execute();
    },
    down: (database) => dropTables(database, ['analyses']),
  },
  '0003-results': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('results')
        .addColumn('result_id', 'text', (column) => column.primaryKey())
        .addColumn('study_uid', 'text', (column) => column.notNull())
        .addColumn('result', 'text', (column) => column.notNull())
        .addColumn('analysed_at', 'text', (column) => column.notNull())
        .addColumn('duration_ms', 'integer', (column) => column.notNull())
        .addColumn('recorded_at', 'text', (column) => column.notNull())
        .addColumn('priority', 'integer', (column) => column.notNull())
        .addColumn('destinations', 'text', (column) => column.notNull())
        .addColumn('superseded_by', 'text')
        .addColumn('is_reported', 'integer', (column) => column.notNull())
        .execute();
      await database.schema.createIndex('results_by_study').on('results').column('study_uid').execute();
      // The two databases have no common name for bytes.
      const bytes = database.getExecutor().adapter instanceof PostgresAdapter ? sql`bytea` : sql`blob`;
      await database.schema
        .createTable('result_pictures')
        .addColumn('result_id', 'text', (column) => column.notNull())
        .addColumn('number', 'integer', (column) => column.notNull())
        .addColumn('finding_id', 'integer')
        .addColumn('label', 'text', (column) => column.notNull())
        .addColumn('png', bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint('result_pictures_key', ['result_id', 'number'])
        .execute();
    },
    down: (database) => dropTables(database, ['result_pictures', 'results']),
  },
  '0004-deliveries': DELIVERY_MIGRATION,
  '0005-reviews': REVIEW_MIGRATION,
  '0006-analysis-attempts': {
    async up(database: Kysely<unknown>): Promise<void> {
      const { schema } = database;
      await schema
        .alterTable('analyses')
        .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
        .execute();
      await schema.alterTable('analyses').addColumn('not_before', 'text').execute();
      await schema.alterTable('analyses').addColumn('failure', 'text').execute();
    },
    down: (database) => dropColumns(database, 'analyses', ['failure', 'not_before', 'attempts']),
  },
  '0007-work-items': WORK_ITEM_MIGRATION,
  '0010-delivery-variants': DELIVERY_VARIANTS_MIGRATION,
  '0011-work-item-search': WORK_ITEM_SEARCH_MIGRATION,
};

async function createInstances(database: Kysely<unknown>): Promise<void> {
  let table: CreateTableBuilder<string, string> = database.schema.createTable('instances');
  for (const column of ['sop_uid', 'sha256', 'study_uid', 'series_uid', 'sop_class_uid', 'transfer_syntax_uid']) {
    table = table.addColumn(column, 'text', (definition) => definition.notNull());
  }
  for (const column of ['modality', 'location', 'attributes', 'door', 'sender', 'received_at']) {
    table = table.addColumn(column, 'text', (definition) => definition.notNull());
  }
  await table
    .addColumn('byte_length', 'bigint', (column) => column.notNull())
    .addColumn('times_received', 'integer', (column) => column.notNull())
    .addColumn('is_own_result', 'integer', (column) => column.notNull())
    .addColumn('is_conflicting', 'integer', (column) => column.notNull())
    .addColumn('removed_at', 'text')
    .addPrimaryKeyConstraint('instances_key', ['sop_uid', 'sha256'])
    .execute();
  await database.schema
    .createIndex('instances_by_series')
    .on('instances')
    .columns(['study_uid', 'series_uid'])
    .execute();
}

async function createQueryValues(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('query_values')
    .addColumn('level', 'text', (column) => column.notNull())
    .addColumn('uid', 'text', (column) => column.notNull())
    .addColumn('keyword', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('folded', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('query_values_key', ['level', 'uid', 'keyword'])
    .execute();
  await sql`CREATE INDEX query_values_by_value ON query_values (level, keyword, folded)`.execute(database);
}
