import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { AnalysisState } from '../ports/ledger.js';
import type { LedgerActivity, WorklistLedger, WorklistSelection, WorklistStudy } from '../ports/worklist-ledger.js';
import type { LedgerDatabase } from './ledger-schema.js';

/** Length of a study's random name, bytes: 128 bits cannot be guessed. */
const HANDLE_BYTES = 16;
/** Study attributes a search looks into. */
const SEARCHED_KEYWORDS = ['PatientName', 'PatientID', 'AccessionNumber', 'StudyDescription'];
/** LIKE's own signs, and the one that takes their meaning away. */
const LIKE_SIGNS = /[\\%_]/g;

type StudyRow = { study_uid: string; attributes: string; first_received_at: string };

/** Lists of studies over SQL, the same for SQLite and PostgreSQL. */
export class SqlWorklistLedger implements WorklistLedger {
  readonly #database: Kysely<LedgerDatabase>;

  constructor(database: Kysely<LedgerDatabase>) {
    this.#database = database;
  }

  async studies(selection: WorklistSelection): Promise<WorklistStudy[]> {
    const rows = await this.#select(selection);
    const uids = rows.map((row) => row.study_uid);
    if (uids.length === 0) return [];
    const [handles, images, modalities, analyses, results] = await Promise.all([
      this.#handles(uids),
      this.#images(uids),
      this.#modalities(uids),
      this.#lastAnalyses(uids),
      this.#currentResults(uids),
    ]);
    return rows.flatMap((row) => {
      const held = images.get(row.study_uid);
      if (!held) return [];
      return {
        handle: handles.get(row.study_uid) ?? '',
        studyInstanceUid: row.study_uid,
        attributes: JSON.parse(row.attributes),
        ...held,
        modalities: modalities.get(row.study_uid) ?? [],
        firstReceivedAt: new Date(row.first_received_at),
        analysis: analyses.get(row.study_uid) ?? null,
        current: results.get(row.study_uid) ?? null,
      };
    });
  }

  async studyOfHandle(handle: string): Promise<string | null> {
    const select = this.#database.selectFrom('study_handles').select('study_uid').where('handle', '=', handle);
    return (await select.executeTakeFirst())?.study_uid ?? null;
  }

  async activitySince(since: Date): Promise<LedgerActivity> {
    const from = since.toISOString();
    const received = await this.#database
      .selectFrom('studies')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('first_received_at', '>=', from)
      .executeTakeFirstOrThrow();
    const results = await this.#database
      .selectFrom('results')
      .select(['study_uid', 'recorded_at', 'duration_ms'])
      .where('recorded_at', '>=', from)
      .execute();
    const images = await this.#images([...new Set(results.map((row) => row.study_uid))]);
    const latencies = results.flatMap((row) => {
      const held = images.get(row.study_uid);
      const latency = held ? Date.parse(row.recorded_at) - held.lastReceivedAt.getTime() : -1;
      // Images that came after the result say nothing about how long it took.
      return latency >= 0 ? [latency] : [];
    });
    return {
      studiesReceived: Number(received.count),
      resultsRecorded: results.length,
      latenciesMs: latencies.sort((a, b) => a - b),
      durationsMs: results.map((row) => row.duration_ms).sort((a, b) => a - b),
    };
  }

  async #select(selection: WorklistSelection): Promise<StudyRow[]> {
    const newest = this.#database.selectFrom('studies').selectAll('studies').orderBy('first_received_at', 'desc');
    switch (selection.kind) {
      case 'newest':
        return newest.limit(selection.limit).execute();
      case 'studies':
        if (selection.studyInstanceUids.length === 0) return [];
        return newest.where('study_uid', 'in', selection.studyInstanceUids).execute();
      case 'matching': {
        const text = selection.text.toLowerCase().replace(LIKE_SIGNS, '\\$&');
        return newest
          .where('study_uid', 'in', ({ selectFrom }) =>
            selectFrom('query_values')
              .select('uid')
              .where('level', '=', 'study')
              .where('keyword', 'in', SEARCHED_KEYWORDS)
              .where(sql<boolean>`folded LIKE ${`%${text}%`} ESCAPE '\\'`),
          )
          .limit(selection.limit)
          .execute();
      }
    }
  }

  /** Names every study that has none yet. */
  async #handles(uids: readonly string[]): Promise<Map<string, string>> {
    const known = await this.#knownHandles(uids);
    const unnamed = uids.filter((uid) => !known.has(uid));
    if (unnamed.length === 0) return known;
    await this.#database
      .insertInto('study_handles')
      .values(unnamed.map((uid) => ({ study_uid: uid, handle: randomBytes(HANDLE_BYTES).toString('base64url') })))
      .onConflict((conflict) => conflict.column('study_uid').doNothing())
      .execute();
    // Another process may have been faster: what is in the ledger counts.
    return this.#knownHandles(uids);
  }

  async #knownHandles(uids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.#database.selectFrom('study_handles').selectAll().where('study_uid', 'in', uids).execute();
    return new Map(rows.map((row) => [row.study_uid, row.handle]));
  }

  /** Images that were removed keep their study in the list: its result is still there. */
  async #images(uids: readonly string[]): Promise<Map<string, { imageCount: number; lastReceivedAt: Date }>> {
    if (uids.length === 0) return new Map();
    const rows = await this.#database
      .selectFrom('instances')
      .select(({ fn }) => [
        'study_uid',
        sql<number>`sum(case when removed_at is null then 1 else 0 end)`.as('count'),
        fn.max('received_at').as('last'),
      ])
      .where('study_uid', 'in', uids)
      .where('is_own_result', '=', 0)
      .groupBy('study_uid')
      .execute();
    return new Map(
      rows.map((row) => [row.study_uid, { imageCount: Number(row.count), lastReceivedAt: new Date(row.last) }]),
    );
  }

  async #modalities(uids: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await this.#database
      .selectFrom('series')
      .select(['study_uid', 'modality'])
      .distinct()
      .where('study_uid', 'in', uids)
      // Our own reports come back as series of the study.
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('instances')
            .select('instances.sop_uid')
            .whereRef('instances.study_uid', '=', 'series.study_uid')
            .whereRef('instances.series_uid', '=', 'series.series_uid')
            .where('instances.is_own_result', '=', 0),
        ),
      )
      .orderBy('modality')
      .execute();
    const found = new Map<string, string[]>();
    for (const { study_uid, modality } of rows) {
      const known = found.get(study_uid);
      if (known) known.push(modality);
      else found.set(study_uid, [modality]);
    }
    return found;
  }

  async #lastAnalyses(uids: readonly string[]): Promise<Map<string, NonNullable<WorklistStudy['analysis']>>> {
    const rows = await this.#database
      .selectFrom('analyses')
      .select(['study_uid', 'state', 'attempts', 'failure', 'requested_at'])
      .where('study_uid', 'in', uids)
      .orderBy('requested_at')
      .execute();
    return new Map(
      rows.map(({ study_uid, state, attempts, failure, requested_at }) => [
        study_uid,
        { state: state as AnalysisState, attempts, failure, requestedAt: new Date(requested_at) },
      ]),
    );
  }

  async #currentResults(uids: readonly string[]): Promise<Map<string, NonNullable<WorklistStudy['current']>>> {
    const rows = await this.#database
      .selectFrom('results')
      .select(['study_uid', 'result_id', 'recorded_at', 'duration_ms', 'is_reported'])
      .where('study_uid', 'in', uids)
      .where('superseded_by', 'is', null)
      .execute();
    return new Map(
      rows.map(({ study_uid, result_id, recorded_at, duration_ms, is_reported }) => [
        study_uid,
        {
          resultId: result_id,
          recordedAt: new Date(recorded_at),
          durationMs: duration_ms,
          isReported: is_reported === 1,
        },
      ]),
    );
  }
}
