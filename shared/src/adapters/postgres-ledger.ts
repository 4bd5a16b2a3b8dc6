import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { LedgerDatabase } from './ledger-schema.js';
import { SqlLedger } from './sql-ledger.js';

/** Connections to the server. [design] Instances are recorded one batch at a time; the rest are short questions. */
const MAX_CONNECTIONS = 8;
/** A server that does not answer is down. [design] */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens the ledger on a PostgreSQL server, shared by many processes. A commit is durable as far as the server's
 * `synchronous_commit` says: leave it on.
 *
 * @param url such as "postgres://user:secret@host/pce"
 */
export async function openPostgresLedger(url: string): Promise<SqlLedger> {
  return SqlLedger.open(openPostgresDatabase(url));
}

/** The database of a ledger on a PostgreSQL server, its schema as it is. */
export function openPostgresDatabase(url: string): Kysely<LedgerDatabase> {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A connection that breaks while nobody uses it is replaced; without a listener it would end the process.
  pool.on('error', () => {});
  // The same for one that breaks while it is used, between two statements: the next statement fails and says so.
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<LedgerDatabase>({ dialect: new PostgresDialect({ pool }) });
}
