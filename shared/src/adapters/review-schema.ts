import type { Kysely, Migration } from 'kysely';
import { dropIndexes, dropTables } from './drop-tables.js';

/** What people do: reviews, sessions, and who looked at what. See `ledger-schema.ts` for the forms of values. */
export interface ReviewTables {
  /** Random names of studies, for addresses. */
  study_handles: { study_uid: string; handle: string };
  reviews: {
    review_id: string;
    study_uid: string;
    result_id: string;
    finding_id: number | null;
    verdict: string;
    comment: string;
    user_name: string;
    algorithm: string;
    algorithm_version: string;
    reviewed_at: string;
    /** Order of recording within a millisecond. */
    sequence: number;
  };
  sessions: {
    token_digest: string;
    user_name: string;
    roles: string;
    source: string;
    csrf_token: string;
    created_at: string;
    last_seen_at: string;
  };
  audit_events: {
    event_id: string;
    at: string;
    user_name: string;
    action: string;
    address: string;
    study_uid: string | null;
    result_id: string | null;
  };
}

export const REVIEW_MIGRATION: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    const { schema } = database;
    await schema
      .createTable('study_handles')
      .addColumn('study_uid', 'text', (column) => column.primaryKey())
      .addColumn('handle', 'text', (column) => column.notNull().unique())
      .execute();
    await createReviews(database);
    await createAccess(database);
    await schema.createIndex('studies_by_receipt').on('studies').column('first_received_at').execute();
    // Lists count images and find their times without a look at the rows themselves.
    await schema
      .createIndex('instances_by_receipt')
      .on('instances')
      .columns(['study_uid', 'is_own_result', 'removed_at', 'received_at'])
      .execute();
  },
  async down(database: Kysely<unknown>): Promise<void> {
    await dropIndexes(database, ['instances_by_receipt', 'studies_by_receipt']);
    await dropTables(database, ['audit_events', 'sessions', 'reviews', 'study_handles']);
  },
};

async function createReviews({ schema }: Kysely<unknown>): Promise<void> {
  let table = schema.createTable('reviews').addColumn('review_id', 'text', (column) => column.primaryKey());
  const texts = ['study_uid', 'result_id', 'verdict', 'comment', 'user_name', 'algorithm', 'algorithm_version'];
  for (const name of [...texts, 'reviewed_at']) {
    table = table.addColumn(name, 'text', (column) => column.notNull());
  }
  await table
    .addColumn('finding_id', 'integer')
    .addColumn('sequence', 'integer', (column) => column.notNull())
    .execute();
  await schema.createIndex('reviews_by_result').on('reviews').columns(['result_id', 'finding_id']).execute();
  await schema.createIndex('reviews_by_time').on('reviews').column('reviewed_at').execute();
}

async function createAccess({ schema }: Kysely<unknown>): Promise<void> {
  let sessions = schema.createTable('sessions').addColumn('token_digest', 'text', (column) => column.primaryKey());
  for (const name of ['user_name', 'roles', 'source', 'csrf_token', 'created_at', 'last_seen_at']) {
    sessions = sessions.addColumn(name, 'text', (column) => column.notNull());
  }
  await sessions.execute();
  let events = schema.createTable('audit_events').addColumn('event_id', 'text', (column) => column.primaryKey());
  for (const name of ['at', 'user_name', 'action', 'address']) {
    events = events.addColumn(name, 'text', (column) => column.notNull());
  }
  await events.addColumn('study_uid', 'text').addColumn('result_id', 'text').execute();
  await schema.createIndex('audit_events_by_time').on('audit_events').column('at').execute();
}
