import { type Kysely, sql, type Transaction } from 'kysely';
import type { ReceivedInstance, RecordOutcome } from '../ports/ledger.js';
import type { LedgerDatabase } from './ledger-schema.js';

/** Series whose rows are known to be there. [design] More than are ever received at the same time. */
const MAX_KNOWN_SERIES = 1000;

/** Writes received instances into the ledger, many in one transaction. */
export class InstanceRecorder {
  readonly #database: Kysely<LedgerDatabase>;
  readonly #knownSeries = new Set<string>();

  constructor(database: Kysely<LedgerDatabase>) {
    this.#database = database;
  }

  /** Durable when it settles. One outcome per instance, in order. */
  async record(instances: ReceivedInstance[]): Promise<RecordOutcome[]> {
    const newSeries = instances.filter((instance) => !this.#knownSeries.has(seriesKey(instance)));
    if (instances.length === 1 && newSeries.length === 0) {
      // A single statement is a transaction of its own, if it turns out that nothing else is to be done.
      const [instance] = instances as [ReceivedInstance];
      return [await insertInstance(this.#database, instance)];
    }
    const outcomes = await this.#database.transaction().execute(async (transaction) => {
      for (const instance of newSeries) await insertStudyAndSeries(transaction, instance);
      const results: RecordOutcome[] = [];
      for (const instance of instances) results.push(await insertInstance(transaction, instance));
      return results;
    });
    for (const instance of newSeries) this.#remember(seriesKey(instance));
    return outcomes;
  }

  #remember(key: string): void {
    if (this.#knownSeries.size >= MAX_KNOWN_SERIES) this.#knownSeries.clear();
    this.#knownSeries.add(key);
  }
}

function seriesKey(instance: ReceivedInstance): string {
  return `${instance.studyInstanceUid} ${instance.seriesInstanceUid}`;
}

/** Written as text: building this one statement costs more than running it. */
async function insertInstance(database: Kysely<LedgerDatabase>, instance: ReceivedInstance): Promise<RecordOutcome> {
  const { sopInstanceUid, sha256, location } = instance;
  const { rows } = await sql<{ times_received: number; is_conflicting: number }>`
    INSERT INTO instances (sop_uid, sha256, study_uid, series_uid, sop_class_uid, transfer_syntax_uid, modality,
      location, byte_length, attributes, door, sender, received_at, times_received, is_own_result, is_conflicting)
    VALUES (${sopInstanceUid}, ${sha256}, ${instance.studyInstanceUid}, ${instance.seriesInstanceUid},
      ${instance.sopClassUid}, ${instance.transferSyntaxUid}, ${instance.modality}, ${location},
      ${instance.byteLength}, ${JSON.stringify(instance.instanceAttributes)}, ${instance.source.door},
      ${instance.source.sender}, ${instance.receivedAt.toISOString()}, 1, ${Number(instance.isOwnResult)},
      (SELECT CASE WHEN count(*) > 0 THEN 1 ELSE 0 END FROM instances AS other
        WHERE other.sop_uid = ${sopInstanceUid} AND other.sha256 <> ${sha256}))
    ON CONFLICT (sop_uid, sha256) DO UPDATE
      SET times_received = instances.times_received + 1, location = ${location}, removed_at = NULL
    RETURNING times_received, is_conflicting`.execute(database);
  const [row] = rows;
  if (row?.is_conflicting === 1) return 'conflicting';
  return row !== undefined && row.times_received > 1 ? 'identical' : 'new';
}

async function insertStudyAndSeries(
  transaction: Transaction<LedgerDatabase>,
  instance: ReceivedInstance,
): Promise<void> {
  const { studyInstanceUid, seriesInstanceUid, modality } = instance;
  const study = await transaction
    .insertInto('studies')
    .values({
      study_uid: studyInstanceUid,
      attributes: JSON.stringify(instance.studyAttributes),
      first_received_at: instance.receivedAt.toISOString(),
    })
    .onConflict((conflict) => conflict.column('study_uid').doNothing())
    .returning('study_uid')
    .execute();
  if (study.length > 0) {
    const values = { ...instance.studyAttributes, StudyInstanceUID: studyInstanceUid };
    await insertQueryValues(transaction, 'study', studyInstanceUid, values);
  }
  const series = await transaction
    .insertInto('series')
    .values({
      study_uid: studyInstanceUid,
      series_uid: seriesInstanceUid,
      modality,
      attributes: JSON.stringify(instance.seriesAttributes),
    })
    .onConflict((conflict) => conflict.columns(['study_uid', 'series_uid']).doNothing())
    .returning('series_uid')
    .execute();
  if (series.length > 0) {
    const values = { ...instance.seriesAttributes, SeriesInstanceUID: seriesInstanceUid, Modality: modality };
    await insertQueryValues(transaction, 'series', seriesInstanceUid, values);
  }
}

async function insertQueryValues(
  transaction: Transaction<LedgerDatabase>,
  level: string,
  uid: string,
  attributes: Record<string, string>,
): Promise<void> {
  const rows = Object.entries(attributes).map(([keyword, value]) => ({
    level,
    uid,
    keyword,
    value,
    folded: value.toLowerCase(),
  }));
  await transaction
    .insertInto('query_values')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['level', 'uid', 'keyword']).doNothing())
    .execute();
}
