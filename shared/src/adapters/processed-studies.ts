import type { Kysely } from 'kysely';
import type { DeliveryState } from '../ports/delivery-ledger.js';
import type { LedgerDatabase } from './ledger-schema.js';

/** Deliveries that are under way, or were given up: somebody may still want them done. */
const UNDELIVERED = ['waiting', 'awaiting-commitment', 'failed'] as const satisfies readonly DeliveryState[];

/** Studies with an analysis that is done, nothing still to be reported or delivered, and something still held. */
export async function findProcessedStudies(database: Kysely<LedgerDatabase>): Promise<string[]> {
  const rows = await database
    .selectFrom('analyses')
    .innerJoin('instances', 'instances.study_uid', 'analyses.study_uid')
    .select('analyses.study_uid')
    .where('analyses.state', '=', 'done')
    .where('instances.removed_at', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('results')
            .select('results.result_id')
            .whereRef('results.study_uid', '=', 'analyses.study_uid')
            .where('results.superseded_by', 'is', null)
            .where('results.is_reported', '=', 0),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('deliveries')
            .select('deliveries.delivery_id')
            .whereRef('deliveries.study_uid', '=', 'analyses.study_uid')
            .where('deliveries.state', 'in', UNDELIVERED),
        ),
      ),
    )
    .distinct()
    .execute();
  return rows.map((row) => row.study_uid);
}
