import { createHash } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { StudyResult } from '../contracts/study-result.js';
import type { LedgerResult, NewResult, RecordedResult, ResultLedger, ResultPicture } from '../ports/result-ledger.js';
import type { LedgerDatabase } from './ledger-schema.js';

/** The results over SQL, the same for SQLite and PostgreSQL. */
export class SqlResultLedger implements ResultLedger {
  readonly #database: Kysely<LedgerDatabase>;

  constructor(database: Kysely<LedgerDatabase>) {
    this.#database = database;
  }

  async recordResult(made: NewResult): Promise<RecordedResult> {
    const { studyInstanceUid } = made.result;
    const name = resultId(made.result);
    return this.#database.transaction().execute(async (transaction) => {
      const asked = await takeStudy(transaction, made);
      const current = await currentResult(transaction, studyInstanceUid);
      if (current !== null && resultId(current.result) === name) {
        await settle(transaction, made);
        return { resultId: current.resultId, outcome: 'identical' };
      }
      if (isOvertaken(made, asked?.state, current)) return { resultId: name, outcome: 'overtaken' };
      const id = await nameNotTaken(transaction, name, current);
      await insertResult(transaction, id, made, asked);
      await insertPictures(transaction, id, made.pictures);
      await transaction
        .updateTable('results')
        .set({ superseded_by: id })
        .where('study_uid', '=', studyInstanceUid)
        .where('result_id', '<>', id)
        .where('superseded_by', 'is', null)
        .execute();
      await settle(transaction, made);
      return { resultId: id, outcome: 'new' };
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
  return digestOf([studyInstanceUid, instanceSetDigest, name, version, parametersDigest, reportAbove]);
}

function digestOf(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * Keeps others from recording a result of the study until the transaction ends: of two at the same time neither would
 * see, and so supersede, the other's.
 *
 * @returns the analysis that asked for the result
 */
async function takeStudy(transaction: Transaction<LedgerDatabase>, { result, requestedDigest }: NewResult) {
  const { studyInstanceUid } = result;
  await transaction
    .updateTable('studies')
    .set({ study_uid: studyInstanceUid })
    .where('study_uid', '=', studyInstanceUid)
    .execute();
  const asked = await transaction
    .updateTable('analyses')
    .set({ study_uid: studyInstanceUid })
    .where('study_uid', '=', studyInstanceUid)
    .where('instance_set_digest', '=', requestedDigest)
    .returning(['state', 'priority', 'destinations'])
    .executeTakeFirst();
  return asked ?? null;
}

/** Whether another set of images was asked for, or answered, since the analysis of this one was begun. */
function isOvertaken({ result }: NewResult, state: string | undefined, current: LedgerResult | null): boolean {
  const isAnswered = current !== null && current.result.instanceSetDigest !== result.instanceSetDigest;
  return state === 'superseded' || (state === 'done' && isAnswered);
}

async function currentResult(transaction: Transaction<LedgerDatabase>, study: string): Promise<LedgerResult | null> {
  const row = await transaction
    .selectFrom('results')
    .selectAll()
    .where('study_uid', '=', study)
    .where('superseded_by', 'is', null)
    .executeTakeFirst();
  return row ? toResult(row) : null;
}

/**
 * A result that was replaced and comes again, such as after going back to an earlier version, is one of its own: its
 * report names the one it now replaces, and is sent.
 */
async function nameNotTaken(
  transaction: Transaction<LedgerDatabase>,
  name: string,
  current: LedgerResult | null,
): Promise<string> {
  const taken = await transaction
    .selectFrom('results')
    .select('result_id')
    .where('result_id', '=', name)
    .executeTakeFirst();
  return taken && current ? digestOf([name, 'after', current.resultId]) : name;
}

async function settle(transaction: Transaction<LedgerDatabase>, made: NewResult): Promise<void> {
  await transaction
    .updateTable('analyses')
    .set({ state: 'done' })
    .where('study_uid', '=', made.result.studyInstanceUid)
    .where('instance_set_digest', '=', made.requestedDigest)
    .execute();
}

async function insertResult(
  transaction: Transaction<LedgerDatabase>,
  id: string,
  { result, analysedAt, durationMs }: NewResult,
  asked: { priority: number; destinations: string } | null,
): Promise<void> {
  await transaction
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
    .execute();
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
