import type { Kysely } from 'kysely';

/** Undoes a step that made tables. Their indexes go with them. */
export async function dropTables({ schema }: Kysely<unknown>, names: readonly string[]): Promise<void> {
  for (const name of names) await schema.dropTable(name).execute();
}

/** Undoes a step that added columns. No index may be on them any more. */
export async function dropColumns({ schema }: Kysely<unknown>, table: string, names: readonly string[]): Promise<void> {
  for (const name of names) await schema.alterTable(table).dropColumn(name).execute();
}

/** Undoes a step that added indexes. */
export async function dropIndexes({ schema }: Kysely<unknown>, names: readonly string[]): Promise<void> {
  for (const name of names) await schema.dropIndex(name).execute();
}
