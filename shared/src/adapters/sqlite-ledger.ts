import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import Database from 'libsql';
import { takeExclusiveLock } from './exclusive-lock.js';
import type { LedgerDatabase } from './ledger-schema.js';
import { SqlLedger } from './sql-ledger.js';

/** Another process has the ledger open: two at once would undo each other's work. */
export class LedgerLockedError extends Error {
  override readonly name = 'LedgerLockedError';
  constructor(
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: expected no other process to use this ledger, but one does`, options);
  }
}

/**
 * Opens the embedded ledger, making the file when absent. Every commit is on disk when it settles (WAL,
 * synchronous=FULL). One process at a time: a second one is refused, and a killed one leaves no lock behind.
 *
 * @throws LedgerLockedError
 */
export async function openSqliteLedger(path: string): Promise<SqlLedger> {
  const lock = takeLedgerLock(`${path}.lock`);
  try {
    const database = new Database(path);
    // The whole process waits with the driver: not for long, as whoever sends may try again.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 500;');
    const kysely = new Kysely<LedgerDatabase>({
      dialect: new SqliteDialect({ database: withStatementCache(database) }),
    });
    return await SqlLedger.open(kysely, async () => {
      lock.close();
    });
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Statements kept compiled. [design] More than the ledger has; queries with long lists would fill any cache. */
const MAX_STATEMENTS = 200;

/** Compiling a statement costs as much as running it. */
function withStatementCache(database: Database.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (text) => {
      const known = statements.get(text);
      if (known) return known;
      const statement = database.prepare(text) as unknown as SqliteStatement;
      if (statements.size < MAX_STATEMENTS) statements.set(text, statement);
      return statement;
    },
  };
}

function takeLedgerLock(path: string) {
  try {
    return takeExclusiveLock(path);
  } catch (cause) {
    throw new LedgerLockedError(path, { cause });
  }
}
