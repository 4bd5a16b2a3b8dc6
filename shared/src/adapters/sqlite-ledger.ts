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
  const { database, release } = openSqliteDatabase(path);
  try {
    return await SqlLedger.open(database, async () => release());
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * The database of an embedded ledger with its lock, its schema as it is.
 *
 * @returns release lets go of the lock, once the database is closed
 * @throws LedgerLockedError
 */
export function openSqliteDatabase(path: string): { database: Kysely<LedgerDatabase>; release: () => void } {
  const lock = takeLedgerLock(`${path}.lock`);
  try {
    const database = new Database(path);
    // The whole process waits with the driver: not for long, as whoever sends may try again.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 500;');
    const dialect = new SqliteDialect({ database: withStatementCache(database) });
    return { database: new Kysely<LedgerDatabase>({ dialect }), release: () => lock.close() };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/**
 * Writes a copy of an embedded ledger as it is at this moment, whether or not a service is at work on it.
 *
 * @param copy must not exist
 */
export function copySqliteLedger(path: string, copy: string): void {
  const database = new Database(path, { fileMustExist: true } as Database.Options);
  try {
    database.prepare('VACUUM INTO ?').run(copy);
  } finally {
    database.close();
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
