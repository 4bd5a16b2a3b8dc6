import { type Kysely, type MigrationResult, Migrator, NO_MIGRATIONS } from 'kysely';
import { LEDGER_MIGRATIONS, type LedgerDatabase } from './ledger-schema.js';

/** The ledger was made by a newer version: this one does not know a step of its schema, and must not guess. */
export class LedgerTooNewError extends Error {
  override readonly name = 'LedgerTooNewError';
  constructor(readonly step: string) {
    const last = Object.keys(LEDGER_MIGRATIONS).at(-1);
    super(
      `ledger: expected no step of its schema after ${last}; received ${step}. Let the newer version take it back: pce migrate --to ${last}`,
    );
  }
}

/** A step of the schema, and whether the ledger has it. */
export interface LedgerStep {
  readonly name: string;
  readonly isDone: boolean;
}

/** What taking the ledger back to before its first step is called. */
export const NO_STEP = 'none';

const migratorOf = (database: Kysely<LedgerDatabase>) =>
  new Migrator({ db: database, provider: { getMigrations: async () => LEDGER_MIGRATIONS } });

/**
 * Takes the schema forward to the last step, or to any step forward or back; all or nothing.
 *
 * @param step one of `LEDGER_MIGRATIONS`, or NO_STEP @default the last
 * @returns the steps done and undone, in order
 * @throws LedgerTooNewError
 */
export async function migrateLedger(
  database: Kysely<LedgerDatabase>,
  step?: string,
): Promise<readonly MigrationResult[]> {
  const migrator = migratorOf(database);
  const { error, results } =
    step === undefined
      ? await migrator.migrateToLatest()
      : await migrator.migrateTo(step === NO_STEP ? NO_MIGRATIONS : step);
  if (error !== undefined) throw explain(error);
  return results ?? [];
}

/** Every step this version knows, in order. */
export async function ledgerSteps(database: Kysely<LedgerDatabase>): Promise<LedgerStep[]> {
  const steps = await migratorOf(database).getMigrations();
  return steps.map(({ name, executedAt }) => ({ name, isDone: executedAt !== undefined }));
}

function explain(error: unknown): unknown {
  const missing = /previously executed migration (\S+) is missing/.exec((error as Error).message);
  return missing ? new LedgerTooNewError(missing[1]!) : error;
}
