import { createHash } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { StudyResult } from '../contracts/study-result.js';
import type { LedgerResult, NewResult, ResultLedger, ResultPicture } from '../ports/result-ledger.js';
import type { LedgerDatabase } from './ledger-schema.js';

/** The results over SQL, the same for SQLite and PostgreSQL. */
export class SqlResultLedger implements ResultLedger {
  readonly #database: Kysely<LedgerDatabase>;

  constructor(database: Kysely<LedgerDatabase>) {
    this.#database = database;
  }

  async recordResult(made: NewResult): Promise<{ resultId: string; outcome: 'new' | 'identical' }> {
    const id = resultId(made.result);
    return this.#database.transaction().execute(async (transaction) => {
      const isNew = await insertResult(transaction, id, made);
      if (isNew) await insertPictures(transaction, id, made.pictures);
      await transaction
        .updateTable('results')
        .set({ superseded_by: id })
        .where('study_uid', '=', made.result.studyInstanceUid)
        .where('result_id', '<>', id)
        .where('superseded_by', 'is', null)
        .execute();
      if (!isNew) await makeCurrent(transaction, id);
      await transaction
        .updateTable('analyses')
        .set({ state: 'done' })
        .where('study_uid', '=', made.result.studyInstanceUid)
        .where('instance_set_digest', '=', made.requestedDigest)
        .execute();
      return { resultId: id, outcome: isNew ? 'new' : 'identical' };
    });
  }

  async findResult(id: string): Promise<LedgerResult | null> {
    const row = await this.#rows().where('result_id', '=', id).executeTakeFirst();
    return row ? toResult(row) : null;
  }

  async pictures(id: string): Promise<ResultPicture[]> {
    const rows = await this.#database
      .selectFrom('result_pictures')
      .selectAll()
      .where('result_id', '=', id)
      .orderBy('number')
      .execute();
    return rows.map((row) => ({ findingId: row.finding_id, label: row.label, png: new Uint8Array(row.png) }));
  }

  async resultsOfStudy(studyInstanceUid: string): Promise<LedgerResult[]> {
    const rows = this.#rows().where('study_uid', '=', studyInstanceUid);
    return (await rows.orderBy('recorded_at', 'desc').execute()).map(toResult);
  }

  async resultsToReport(): Promise<LedgerResult[]> {
    const rows = this.#rows().where('is_reported', '=', 0).where('superseded_by', 'is', null);
    return (await rows.orderBy('priority', 'desc').orderBy('recorded_at').execute()).map(toResult);
  }

  #rows() {
    return this.#database.selectFrom('results').selectAll();
  }
}

/** SHA-256, hexadecimal, over the study, its set of instances and the algorithm: the same work has the same name. */
function resultId({ studyInstanceUid, instanceSetDigest, algorithm }: StudyResult): string {
  const { name, version, parametersDigest, reportAbove } = algorithm;
  const parts = [studyInstanceUid, instanceSetDigest, name, version, parametersDigest, reportAbove];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function insertResult(
  transaction: Transaction<LedgerDatabase>,
  id: string,
  { result, requestedDigest, analysedAt, durationMs }: NewResult,
): Promise<boolean> {
  const asked = await transaction
    .selectFrom('analyses')
    .select(['priority', 'destinations'])
    .where('study_uid', '=', result.studyInstanceUid)
    .where('instance_set_digest', '=', requestedDigest)
    .executeTakeFirst();
  const inserted = await transaction
    .insertInto('results')
    .values({
      result_id: id,
      study_uid: result.studyInstanceUid,
      result: JSON.stringify(result),
      analysed_at: analysedAt.toISOString(),
      duration_ms: Math.round(durationMs),
      recorded_at: new Date().toISOString(),
      priority: asked?.priority ?? 0,
      destinations: asked?.destinations ?? '[]',
      superseded_by: null,
      is_reported: 0,
    })
    .onConflict((conflict) => conflict.column('result_id').doNothing())
    .returning('result_id')
    .execute();
  return inserted.length === 1;
}

async function insertPictures(
  transaction: Transaction<LedgerDatabase>,
  id: string,
  pictures: readonly ResultPicture[],
): Promise<void> {
  for (const [number, { findingId, label, png }] of pictures.entries()) {
    await transaction
      .insertInto('result_pictures')
      .values({ result_id: id, number, finding_id: findingId, label, png: Buffer.from(png) })
      .execute();
  }
}

/** A result that was replaced and comes again, such as after going back to an earlier version, is current once more. */
async function makeCurrent(transaction: Transaction<LedgerDatabase>, id: string): Promise<void> {
  await transaction.updateTable('results').set({ superseded_by: null }).where('result_id', '=', id).execute();
}

function toResult(row: Selectable<LedgerDatabase['results']>): LedgerResult {
  return {
    resultId: row.result_id,
    studyInstanceUid: row.study_uid,
    result: JSON.parse(row.result),
    analysedAt: new Date(row.analysed_at),
    durationMs: row.duration_ms,
    recordedAt: new Date(row.recorded_at),
    priority: row.priority,
    destinations: JSON.parse(row.destinations),
    supersededBy: row.superseded_by,
    isReported: row.is_reported === 1,
  };
}
