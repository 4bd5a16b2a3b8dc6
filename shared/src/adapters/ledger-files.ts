import type { Kysely } from 'kysely';
import type { LedgerDatabase } from './ledger-schema.js';

/** The file of an instance, as the ledger knows it. */
export interface LedgerFile {
  /** Below the instance store's folder. */
  readonly location: string;
  readonly byteLength: number;
  /** Of the whole file, hexadecimal. */
  readonly sha256: string;
}

/** Every file that the ledger says is held. */
export async function heldFiles(database: Kysely<LedgerDatabase>): Promise<LedgerFile[]> {
  const rows = await database
    .selectFrom('instances')
    .select(['location', 'byte_length', 'sha256'])
    .where('removed_at', 'is', null)
    .orderBy('location')
    .execute();
  return rows.map((row) => ({ location: row.location, byteLength: Number(row.byte_length), sha256: row.sha256 }));
}
