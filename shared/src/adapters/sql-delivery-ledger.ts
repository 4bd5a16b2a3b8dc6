import type { Kysely, Selectable, Transaction } from 'kysely';
import type {
  Delivery,
  DeliveryAttempt,
  DeliveryFilter,
  DeliveryLedger,
  DeliveryState,
  DeliveryStep,
  Lane,
  LaneSummary,
  PlannedDelivery,
  ReportedObject,
  ReportTrouble,
} from '../ports/delivery-ledger.js';
import { stepColumns, toAttempt, toDelivery, toLane } from './delivery-rows.js';
import type { DeliveryTables } from './delivery-schema.js';
import { startAnew, writeObjects, writeStep } from './delivery-writes.js';
import type { LedgerDatabase } from './ledger-schema.js';
import { planDeliveries } from './plan-deliveries.js';

const STATES = ['waiting', 'awaiting-commitment', 'delivered', 'failed', 'cancelled', 'skipped'] as const;
/** What may be sent again. A delivery that waits is sent anyway, and one that was skipped is not wanted. */
const RESENDABLE: DeliveryState[] = ['delivered', 'awaiting-commitment', 'failed', 'cancelled'];

/** The deliveries over SQL, the same for SQLite and PostgreSQL. */
export class SqlDeliveryLedger implements DeliveryLedger {
  readonly #database: Kysely<LedgerDatabase>;

  constructor(database: Kysely<LedgerDatabase>) {
    this.#database = database;
  }

  async recordReport(
    resultId: string,
    objects: readonly ReportedObject[],
    deliveries: readonly PlannedDelivery[],
    at: Date,
  ): Promise<'recorded' | 'already-recorded' | 'superseded'> {
    return this.#database.transaction().execute(async (transaction) => {
      const marked = await transaction
        .updateTable('results')
        .set({ is_reported: 1 })
        .where('result_id', '=', resultId)
        .where('is_reported', '=', 0)
        .where('superseded_by', 'is', null)
        .returning('study_uid')
        .executeTakeFirst();
      if (!marked) return alreadyThere(transaction, resultId);
      await planDeliveries(transaction, { resultId, studyInstanceUid: marked.study_uid, objects, deliveries, at });
      return 'recorded';
    });
  }

  async objectsOfResult(resultId: string): Promise<ReportedObject[]> {
    const rows = this.#database.selectFrom('report_objects').selectAll().where('result_id', '=', resultId);
    return (await rows.orderBy('number').execute()).map((row) => ({
      kind: row.kind,
      sopClassUid: row.sop_class_uid,
      sopInstanceUid: row.sop_uid,
      seriesInstanceUid: row.series_uid,
      studyInstanceUid: row.study_uid,
      ...(row.series_description === null ? {} : { seriesDescription: row.series_description }),
    }));
  }

  async noteReportTrouble({ resultId, attempts, failure, retryAt }: ReportTrouble): Promise<void> {
    const values = { attempts, failure, retry_at: retryAt?.toISOString() ?? null };
    await this.#database
      .insertInto('report_troubles')
      .values({ result_id: resultId, ...values })
      .onConflict((conflict) => conflict.column('result_id').doUpdateSet(values))
      .execute();
  }

  async reportTroubles(): Promise<ReportTrouble[]> {
    // A try that was cut off after its commit is noted as trouble, and one of a superseded result is nobody's any more.
    const rows = await this.#database
      .selectFrom('report_troubles')
      .innerJoin('results', 'results.result_id', 'report_troubles.result_id')
      .selectAll('report_troubles')
      .where('results.is_reported', '=', 0)
      .where('results.superseded_by', 'is', null)
      .orderBy('report_troubles.result_id')
      .execute();
    return rows.map((row) => ({
      resultId: row.result_id,
      attempts: row.attempts,
      failure: row.failure,
      retryAt: row.retry_at === null ? null : new Date(row.retry_at),
    }));
  }

  async nextWaiting(destination: string): Promise<Delivery | null> {
    const [head] = await this.#withObjects(
      await this.#lane(destination, 'waiting').orderBy('sequence').orderBy('delivery_id').limit(1).execute(),
    );
    return head ?? null;
  }

  async awaitingCommitment(destination: string): Promise<Delivery[]> {
    return this.#withObjects(await this.#lane(destination, 'awaiting-commitment').orderBy('sequence').execute());
  }

  async findByCommitment(commitmentUid: string): Promise<Delivery | null> {
    const select = this.#database.selectFrom('deliveries').selectAll().where('commitment_uid', '=', commitmentUid);
    const [found] = await this.#withObjects(await select.execute());
    return found ?? null;
  }

  async unsettledDestinations(): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('deliveries')
      .select('destination')
      .where('state', 'in', ['waiting', 'awaiting-commitment'])
      .distinct()
      .orderBy('destination')
      .execute();
    return rows.map((row) => row.destination);
  }

  async beginAttempt(deliveryId: string, at: Date): Promise<number | null> {
    return this.#database.transaction().execute(async (transaction) => {
      const begun = await transaction
        .updateTable('deliveries')
        .set((expression) => ({ attempts: expression('attempts', '+', 1), is_perhaps_sent: 1 }))
        .where('delivery_id', '=', deliveryId)
        .where('state', '=', 'waiting')
        .returning('delivery_id')
        .execute();
      if (begun.length === 0) return null;
      const last = await transaction
        .selectFrom('delivery_attempts')
        .select(({ fn }) => fn.max('number').as('number'))
        .where('delivery_id', '=', deliveryId)
        .executeTakeFirst();
      const number = Number(last?.number ?? 0) + 1;
      await transaction
        .insertInto('delivery_attempts')
        .values({
          delivery_id: deliveryId,
          number,
          started_at: at.toISOString(),
          ended_at: null,
          outcome: 'cut-off',
          detail: '',
          objects: '[]',
        })
        .execute();
      return number;
    });
  }

  async endAttempt(
    deliveryId: string,
    { number, endedAt, outcome, detail, objects }: Omit<DeliveryAttempt, 'startedAt'>,
    step: DeliveryStep,
  ): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('delivery_attempts')
        .set({ ended_at: endedAt?.toISOString() ?? null, outcome, detail, objects: JSON.stringify(objects) })
        .where('delivery_id', '=', deliveryId)
        .where('number', '=', number)
        .execute();
      await writeStep(transaction, deliveryId, step);
    });
  }

  async takeStep(deliveryId: string, step: DeliveryStep, commitmentUid: string | null): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const stands = await transaction
        .updateTable('deliveries')
        .set(stepColumns(step))
        .where('delivery_id', '=', deliveryId)
        .where('state', '=', 'awaiting-commitment')
        .where('commitment_uid', commitmentUid === null ? 'is' : '=', commitmentUid)
        .returning('delivery_id')
        .execute();
      if (stands.length > 0) await writeObjects(transaction, deliveryId, step);
      return stands.length > 0;
    });
  }

  async attempts(deliveryId: string): Promise<DeliveryAttempt[]> {
    const rows = this.#database.selectFrom('delivery_attempts').selectAll().where('delivery_id', '=', deliveryId);
    return (await rows.orderBy('number').execute()).map(toAttempt);
  }

  async searchDeliveries(filter: DeliveryFilter, limit: number, offset: number): Promise<Delivery[]> {
    const rows = this.#matching(this.#database.selectFrom('deliveries').selectAll(), filter);
    const newestFirst = rows.orderBy('planned_at', 'desc').orderBy('destination').orderBy('delivery_id');
    return this.#withObjects(await newestFirst.limit(limit).offset(offset).execute());
  }

  async redeliver(filter: DeliveryFilter, at: Date): Promise<{ count: number; destinations: string[] }> {
    return this.#database.transaction().execute(async (transaction) => {
      const select = this.#matching(transaction.selectFrom('deliveries').selectAll(), filter);
      const rows = await select.where('state', 'in', RESENDABLE).execute();
      for (const { delivery_id } of rows) await startAnew(transaction, delivery_id, at);
      return { count: rows.length, destinations: [...new Set(rows.map((row) => row.destination))].sort() };
    });
  }

  async lane(destination: string): Promise<Lane> {
    const row = await this.#database
      .selectFrom('lanes')
      .selectAll()
      .where('destination', '=', destination)
      .executeTakeFirst();
    return toLane(destination, row);
  }

  async setLane(lane: Lane): Promise<void> {
    const values = {
      failures: lane.failures,
      paused_until: lane.pausedUntil?.toISOString() ?? null,
      last_failure: lane.lastFailure,
      last_success_at: lane.lastSuccessAt?.toISOString() ?? null,
    };
    await this.#database
      .insertInto('lanes')
      .values({ destination: lane.destination, ...values })
      .onConflict((conflict) => conflict.column('destination').doUpdateSet(values))
      .execute();
  }

  async lanes(): Promise<LaneSummary[]> {
    const lanes = await this.#database.selectFrom('lanes').selectAll().execute();
    const counts = await this.#database
      .selectFrom('deliveries')
      .select(['destination', 'state'])
      .select(({ fn }) => [fn.countAll().as('count'), fn.min('planned_at').as('oldest')])
      .groupBy(['destination', 'state'])
      .execute();
    const names = new Set([...lanes, ...counts].map((row) => row.destination));
    return [...names].sort().map((destination) => {
      const mine = counts.filter((row) => row.destination === destination);
      const countOf = (state: DeliveryState) => Number(mine.find((row) => row.state === state)?.count ?? 0);
      const oldest = mine.find((row) => row.state === 'waiting')?.oldest;
      return {
        ...toLane(
          destination,
          lanes.find((row) => row.destination === destination),
        ),
        counts: Object.fromEntries(STATES.map((state) => [state, countOf(state)])) as Record<DeliveryState, number>,
        oldestWaitingAt: oldest ? new Date(oldest) : null,
      };
    });
  }

  #lane(destination: string, state: DeliveryState) {
    return this.#database
      .selectFrom('deliveries')
      .selectAll()
      .where('destination', '=', destination)
      .where('state', '=', state);
  }

  #matching<Query extends ReturnType<typeof selectDeliveries>>(query: Query, filter: DeliveryFilter): Query {
    let select = query as ReturnType<typeof selectDeliveries>;
    if (filter.deliveryId !== undefined) select = select.where('delivery_id', '=', filter.deliveryId);
    if (filter.resultId !== undefined) select = select.where('result_id', '=', filter.resultId);
    if (filter.studyInstanceUid !== undefined) select = select.where('study_uid', '=', filter.studyInstanceUid);
    if (filter.destination !== undefined) select = select.where('destination', '=', filter.destination);
    if (filter.states !== undefined) select = select.where('state', 'in', [...filter.states]);
    return select as Query;
  }

  async #withObjects(rows: Selectable<DeliveryTables['deliveries']>[]): Promise<Delivery[]> {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.delivery_id);
    const select = this.#database.selectFrom('delivery_objects').selectAll().where('delivery_id', 'in', ids);
    const objects = await select.orderBy('number').execute();
    return rows.map((row) =>
      toDelivery(
        row,
        objects.filter((object) => object.delivery_id === row.delivery_id),
      ),
    );
  }
}

function selectDeliveries(database: Kysely<LedgerDatabase>) {
  return database.selectFrom('deliveries').selectAll();
}

async function alreadyThere(
  transaction: Transaction<LedgerDatabase>,
  resultId: string,
): Promise<'already-recorded' | 'superseded'> {
  const row = await transaction
    .selectFrom('results')
    .select('is_reported')
    .where('result_id', '=', resultId)
    .executeTakeFirst();
  return row?.is_reported === 1 ? 'already-recorded' : 'superseded';
}
