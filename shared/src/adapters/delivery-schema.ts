import type { Kysely, Migration } from 'kysely';
import { dropColumns, dropTables } from './drop-tables.js';

/** The tables of what was made of results and where it went. Times are ISO 8601 text in UTC, flags 0 or 1. */
export interface DeliveryTables {
  report_objects: {
    result_id: string;
    number: number;
    kind: string;
    sop_class_uid: string;
    sop_uid: string;
    series_uid: string;
    study_uid: string;
    series_description: string | null;
  };
  report_troubles: { result_id: string; attempts: number; failure: string; retry_at: string | null };
  deliveries: {
    delivery_id: string;
    result_id: string;
    study_uid: string;
    destination: string;
    sequence: number;
    state: string;
    planned_at: string;
    asked_again_at: string | null;
    settled_at: string | null;
    attempts: number;
    not_before: string | null;
    is_perhaps_sent: number;
    commitment_uid: string | null;
    commitment_requests: number;
    reason: string | null;
    message: string | null;
  };
  delivery_objects: {
    delivery_id: string;
    number: number;
    sop_uid: string;
    fallback_of: string | null;
    state: string;
    status: number | null;
  };
  delivery_attempts: {
    delivery_id: string;
    number: number;
    started_at: string;
    ended_at: string | null;
    outcome: string;
    detail: string;
    /** JSON list of the objects' statuses. */
    objects: string;
  };
  lanes: {
    destination: string;
    failures: number;
    paused_until: string | null;
    last_failure: string | null;
    last_success_at: string | null;
  };
}

/** Makes the tables of deliveries. */
export const DELIVERY_MIGRATION: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await createReportTables(database);
    await createDeliveries(database);
    await database.schema
      .createTable('delivery_objects')
      .addColumn('delivery_id', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('sop_uid', 'text', (column) => column.notNull())
      .addColumn('fallback_of', 'text')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('status', 'integer')
      .addPrimaryKeyConstraint('delivery_objects_key', ['delivery_id', 'sop_uid'])
      .execute();
    await database.schema
      .createTable('delivery_attempts')
      .addColumn('delivery_id', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('started_at', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'text')
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .addColumn('objects', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('delivery_attempts_key', ['delivery_id', 'number'])
      .execute();
    await database.schema
      .createTable('lanes')
      .addColumn('destination', 'text', (column) => column.primaryKey())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('paused_until', 'text')
      .addColumn('last_failure', 'text')
      .addColumn('last_success_at', 'text')
      .execute();
  },
  down: (database) =>
    dropTables(database, [
      'lanes',
      'delivery_attempts',
      'delivery_objects',
      'deliveries',
      'report_troubles',
      'report_objects',
    ]),
};

/** What a destination asks to be different, and since when a delivery that was asked for again has been tried. */
export const DELIVERY_VARIANTS_MIGRATION: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema.alterTable('report_objects').addColumn('series_description', 'text').execute();
    await schema.alterTable('deliveries').addColumn('asked_again_at', 'text').execute();
  },
  async down(database: Kysely<unknown>): Promise<void> {
    await dropColumns(database, 'deliveries', ['asked_again_at']);
    await dropColumns(database, 'report_objects', ['series_description']);
  },
};

async function createReportTables(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('report_objects')
    .addColumn('result_id', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('sop_class_uid', 'text', (column) => column.notNull())
    .addColumn('sop_uid', 'text', (column) => column.notNull())
    .addColumn('series_uid', 'text', (column) => column.notNull())
    .addColumn('study_uid', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('report_objects_key', ['result_id', 'sop_uid'])
    .execute();
  await database.schema
    .createTable('report_troubles')
    .addColumn('result_id', 'text', (column) => column.primaryKey())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('failure', 'text', (column) => column.notNull())
    .addColumn('retry_at', 'text')
    .execute();
}

async function createDeliveries(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('deliveries')
    .addColumn('delivery_id', 'text', (column) => column.primaryKey())
    .addColumn('result_id', 'text', (column) => column.notNull())
    .addColumn('study_uid', 'text', (column) => column.notNull())
    .addColumn('destination', 'text', (column) => column.notNull())
    .addColumn('sequence', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('planned_at', 'text', (column) => column.notNull())
    .addColumn('settled_at', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('not_before', 'text')
    .addColumn('is_perhaps_sent', 'integer', (column) => column.notNull())
    .addColumn('commitment_uid', 'text')
    .addColumn('commitment_requests', 'integer', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('message', 'text')
    .execute();
  const indexes: [string, string[]][] = [
    ['deliveries_by_lane', ['destination', 'state', 'sequence']],
    ['deliveries_by_result', ['result_id']],
    ['deliveries_by_study', ['study_uid']],
    ['deliveries_by_commitment', ['commitment_uid']],
  ];
  for (const [name, columns] of indexes) {
    await database.schema.createIndex(name).on('deliveries').columns(columns).execute();
  }
}
