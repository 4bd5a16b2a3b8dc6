import { type Kysely, sql } from 'kysely';
import type { LedgerDatabase } from './ledger-schema.js';

/** How far back a start looks at what was asked for already. [design] More than clocks differ or an image is recorded in. */
const LOOK_BACK_MS = 3_600_000;

/**
 * Studies with images received since their last analysis was asked for, or within the last hour on record: an image that
 * is recorded while the request is made bears an earlier time than the request, and is not in it.
 */
export async function findUnaskedStudies(database: Kysely<LedgerDatabase>): Promise<string[]> {
  const newest = await database
    .selectFrom('instances')
    .select(({ fn }) => fn.max('received_at').as('received_at'))
    .where('is_own_result', '=', 0)
    .executeTakeFirst();
  const recent = new Date(Date.parse(newest?.received_at ?? '1970-01-01') - LOOK_BACK_MS).toISOString();
  const rows = await database
    .selectFrom('instances')
    .leftJoin(
      (join) =>
        join
          .selectFrom('analyses')
          .select(['study_uid', sql<string>`max(requested_at)`.as('last_requested_at')])
          .groupBy('study_uid')
          .as('asked'),
      (join) => join.onRef('asked.study_uid', '=', 'instances.study_uid'),
    )
    .select('instances.study_uid')
    .where('is_own_result', '=', 0)
    .where('removed_at', 'is', null)
    .where((where) =>
      where.or([
        where('asked.last_requested_at', 'is', null),
        where('instances.received_at', '>', where.ref('asked.last_requested_at')),
        where('instances.received_at', '>', recent),
      ]),
    )
    .distinct()
    .execute();
  return rows.map((row) => row.study_uid);
}
