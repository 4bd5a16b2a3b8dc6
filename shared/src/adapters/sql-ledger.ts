import type { Kysely, Selectable } from 'kysely';
import type { StoredInstance } from '../contracts/stored-instance.js';
import type { AccessLedger } from '../ports/access-ledger.js';
import type { DeliveryLedger } from '../ports/delivery-ledger.js';
import type {
  AnalysisKey,
  AnalysisReason,
  AnalysisRequest,
  AnalysisState,
  Ledger,
  LedgerAnalysis,
  LedgerInstance,
  LedgerQuery,
  LedgerSeries,
  LedgerStudy,
  ReceivedInstance,
  RecordOutcome,
} from '../ports/ledger.js';
import type { ResultLedger } from '../ports/result-ledger.js';
import type { ReviewLedger } from '../ports/review-ledger.js';
import type { WorkItemLedger } from '../ports/work-item-ledger.js';
import type { WorklistLedger } from '../ports/worklist-ledger.js';
import { matchesAttributes } from './attribute-match.js';
import { GroupCommit } from './group-commit.js';
import { InstanceRecorder } from './instance-recorder.js';
import { migrateLedger } from './ledger-migrations.js';
import type { LedgerDatabase } from './ledger-schema.js';
import { searchSeriesRows, searchStudyRows } from './ledger-search.js';
import { findProcessedStudies } from './processed-studies.js';
import { SqlAccessLedger } from './sql-access-ledger.js';
import { SqlDeliveryLedger } from './sql-delivery-ledger.js';
import { SqlResultLedger } from './sql-result-ledger.js';
import { SqlReviewLedger } from './sql-review-ledger.js';
import { SqlWorkItemLedger } from './sql-work-item-ledger.js';
import { SqlWorklistLedger } from './sql-worklist-ledger.js';
import { findUnaskedStudies } from './unasked-studies.js';

/** The ledger over SQL, the same for SQLite and PostgreSQL. Open it with `sqlite-ledger.ts` or `postgres-ledger.ts`. */
export class SqlLedger implements Ledger {
  /** Results of analyses, in the same database. */
  readonly results: ResultLedger;
  /** Reports and where they went, in the same database. */
  readonly deliveries: DeliveryLedger;
  /** What readers said about them. */
  readonly reviews: ReviewLedger;
  /** Who is signed in and who looked at what. */
  readonly access: AccessLedger;
  /** What pages list. */
  readonly worklist: WorklistLedger;
  /** Tasks for readers and from task managers. */
  readonly workItems: WorkItemLedger;
  readonly #database: Kysely<LedgerDatabase>;
  readonly #recordings: GroupCommit<ReceivedInstance, RecordOutcome>;
  readonly #release: () => Promise<void>;

  private constructor(database: Kysely<LedgerDatabase>, release: () => Promise<void>) {
    this.#database = database;
    this.results = new SqlResultLedger(database);
    this.deliveries = new SqlDeliveryLedger(database);
    this.reviews = new SqlReviewLedger(database);
    this.access = new SqlAccessLedger(database);
    this.worklist = new SqlWorklistLedger(database);
    this.workItems = new SqlWorkItemLedger(database);
    this.#release = release;
    const recorder = new InstanceRecorder(database);
    this.#recordings = new GroupCommit((instances) => recorder.record(instances));
  }

  /**
   * Brings the schema up to date and opens the ledger.
   *
   * @param release called after the database is closed, such as to let go of a lock
   */
  static async open(
    database: Kysely<LedgerDatabase>,
    release: () => Promise<void> = async () => {},
  ): Promise<SqlLedger> {
    await migrateLedger(database);
    return new SqlLedger(database, release);
  }

  recordInstance(instance: ReceivedInstance): Promise<RecordOutcome> {
    return this.#recordings.add(instance);
  }

  async findInstances(sopInstanceUid: string): Promise<LedgerInstance[]> {
    const rows = await this.#held().where('sop_uid', '=', sopInstanceUid).orderBy('is_conflicting').execute();
    return rows.map(toInstance);
  }

  async instancesOfStudy(studyInstanceUid: string, seriesInstanceUid?: string): Promise<LedgerInstance[]> {
    let query = this.#held().where('study_uid', '=', studyInstanceUid);
    if (seriesInstanceUid !== undefined) query = query.where('series_uid', '=', seriesInstanceUid);
    return (await query.orderBy('series_uid').orderBy('sop_uid').orderBy('is_conflicting').execute()).map(toInstance);
  }

  searchStudies(query: LedgerQuery): Promise<LedgerStudy[]> {
    return searchStudyRows(this.#database, query);
  }

  searchSeries(studyInstanceUid: string | null, query: LedgerQuery): Promise<LedgerSeries[]> {
    return searchSeriesRows(this.#database, studyInstanceUid, query);
  }

  async searchInstances(
    studyInstanceUid: string | null,
    seriesInstanceUid: string | null,
    query: LedgerQuery,
  ): Promise<LedgerInstance[]> {
    let select = this.#held();
    if (studyInstanceUid !== null) select = select.where('study_uid', '=', studyInstanceUid);
    if (seriesInstanceUid !== null) select = select.where('series_uid', '=', seriesInstanceUid);
    const found: LedgerInstance[] = [];
    let skipped = 0;
    for (const row of await select.orderBy('series_uid').orderBy('sop_uid').execute()) {
      const instance = toInstance(row);
      if (!query.matches.every((match) => matchesAttributes(identified(instance), match))) continue;
      if (skipped < query.offset) skipped += 1;
      else if (found.length < query.limit) found.push(instance);
    }
    return found;
  }

  async requestAnalysis(request: AnalysisRequest): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const inserted = await transaction
        .insertInto('analyses')
        .values({
          study_uid: request.studyInstanceUid,
          instance_set_digest: request.instanceSetDigest,
          reason: request.reason,
          priority: request.priority,
          destinations: JSON.stringify(request.destinations),
          requested_at: request.requestedAt.toISOString(),
          state: 'pending',
          attempts: 0,
        })
        .onConflict((conflict) => conflict.columns(['study_uid', 'instance_set_digest']).doNothing())
        .returning('study_uid')
        .execute();
      if (inserted.length === 0) return false;
      await transaction
        .updateTable('analyses')
        .set({ state: 'superseded' })
        .where('study_uid', '=', request.studyInstanceUid)
        .where('instance_set_digest', '<>', request.instanceSetDigest)
        .where('state', '=', 'pending')
        .execute();
      return true;
    });
  }

  async pendingAnalyses(): Promise<LedgerAnalysis[]> {
    const rows = await this.#database
      .selectFrom('analyses')
      .selectAll()
      .where('state', '=', 'pending')
      .orderBy('priority', 'desc')
      .orderBy('requested_at')
      .execute();
    return rows.map(toAnalysis);
  }

  async analysesOfStudy(studyInstanceUid: string): Promise<LedgerAnalysis[]> {
    const select = this.#database.selectFrom('analyses').selectAll().where('study_uid', '=', studyInstanceUid);
    return (await select.orderBy('requested_at').execute()).map(toAnalysis);
  }

  studiesWithoutAnalysis(): Promise<string[]> {
    return findUnaskedStudies(this.#database);
  }

  processedStudies(): Promise<string[]> {
    return findProcessedStudies(this.#database);
  }

  async settleAnalysis(studyInstanceUid: string, instanceSetDigest: string, state: 'done' | 'failed'): Promise<void> {
    await this.#database
      .updateTable('analyses')
      .set({ state })
      .where('study_uid', '=', studyInstanceUid)
      .where('instance_set_digest', '=', instanceSetDigest)
      .execute();
  }

  async beginAnalysis(analysis: AnalysisKey): Promise<void> {
    await this.#analysis(analysis)
      .set((expression) => ({ attempts: expression('attempts', '+', 1) }))
      .execute();
  }

  async releaseAnalysis(analysis: AnalysisKey): Promise<void> {
    await this.#analysis(analysis)
      .set((expression) => ({ attempts: expression('attempts', '-', 1) }))
      .where('attempts', '>', 0)
      .execute();
  }

  async failAnalysis(analysis: AnalysisKey, failure: string, retryAt: Date | null): Promise<void> {
    await this.#analysis(analysis)
      .set({
        failure,
        not_before: retryAt?.toISOString() ?? null,
        ...(retryAt === null ? { state: 'failed' } : {}),
      })
      .where('state', '=', 'pending')
      .execute();
  }

  async failedAnalyses(): Promise<LedgerAnalysis[]> {
    const rows = this.#database.selectFrom('analyses').selectAll().where('state', '=', 'failed');
    return (await rows.orderBy('requested_at', 'desc').execute()).map(toAnalysis);
  }

  async retryAnalysis(analysis: AnalysisKey): Promise<boolean> {
    const changed = await this.#analysis(analysis)
      .set({ state: 'pending', attempts: 0, not_before: null })
      .where('state', '=', 'failed')
      .returning('study_uid')
      .execute();
    return changed.length > 0;
  }

  async markRemoved(instance: Pick<StoredInstance, 'sopInstanceUid' | 'sha256'>, at: Date): Promise<void> {
    await this.#database
      .updateTable('instances')
      .set({ removed_at: at.toISOString() })
      .where('sop_uid', '=', instance.sopInstanceUid)
      .where('sha256', '=', instance.sha256)
      .execute();
  }

  async close(): Promise<void> {
    await this.#recordings.idle();
    await this.#database.destroy();
    await this.#release();
  }

  #analysis({ studyInstanceUid, instanceSetDigest }: AnalysisKey) {
    return this.#database
      .updateTable('analyses')
      .where('study_uid', '=', studyInstanceUid)
      .where('instance_set_digest', '=', instanceSetDigest);
  }

  #held() {
    return this.#database.selectFrom('instances').selectAll().where('removed_at', 'is', null);
  }
}

/** The attributes of an instance with its UIDs among them, as queries may match those too. */
function identified(instance: LedgerInstance): Record<string, string> {
  return {
    ...instance.instanceAttributes,
    SOPInstanceUID: instance.sopInstanceUid,
    SOPClassUID: instance.sopClassUid,
    SeriesInstanceUID: instance.seriesInstanceUid,
    StudyInstanceUID: instance.studyInstanceUid,
    Modality: instance.modality,
  };
}

function toInstance(row: Selectable<LedgerDatabase['instances']>): LedgerInstance {
  return {
    studyInstanceUid: row.study_uid,
    seriesInstanceUid: row.series_uid,
    sopInstanceUid: row.sop_uid,
    sopClassUid: row.sop_class_uid,
    transferSyntaxUid: row.transfer_syntax_uid,
    modality: row.modality,
    location: row.location,
    byteLength: Number(row.byte_length),
    sha256: row.sha256,
    source: { door: row.door as LedgerInstance['source']['door'], sender: row.sender },
    receivedAt: new Date(row.received_at),
    isOwnResult: row.is_own_result === 1,
    isConflicting: row.is_conflicting === 1,
    instanceAttributes: JSON.parse(row.attributes),
  };
}

function toAnalysis(row: Selectable<LedgerDatabase['analyses']>): LedgerAnalysis {
  return {
    studyInstanceUid: row.study_uid,
    instanceSetDigest: row.instance_set_digest,
    reason: row.reason as AnalysisReason,
    priority: row.priority,
    destinations: JSON.parse(row.destinations),
    requestedAt: new Date(row.requested_at),
    state: row.state as AnalysisState,
    attempts: row.attempts,
    notBefore: row.not_before === null ? null : new Date(row.not_before),
    failure: row.failure,
  };
}
