import type { Kysely, Selectable } from 'kysely';
import type { WorkItem, WorkItemLedger, WorkItemSubscription } from '../ports/work-item-ledger.js';
import type { LedgerDatabase } from './ledger-schema.js';

/** The tasks over SQL, the same for SQLite and PostgreSQL. */
export class SqlWorkItemLedger implements WorkItemLedger {
  readonly #database: Kysely<LedgerDatabase>;

  constructor(database: Kysely<LedgerDatabase>) {
    this.#database = database;
  }

  async create({ sopInstanceUid, attributes, transactionUid }: Omit<WorkItem, 'version'>): Promise<boolean> {
    const inserted = await this.#database
      .insertInto('work_items')
      .values({
        uid: sopInstanceUid,
        attributes: JSON.stringify(attributes),
        transaction_uid: transactionUid,
        version: 1,
        created_at: new Date().toISOString(),
      })
      .onConflict((conflict) => conflict.column('uid').doNothing())
      .returning('uid')
      .execute();
    return inserted.length === 1;
  }

  async find(sopInstanceUid: string): Promise<WorkItem | null> {
    const row = await this.#rows().where('uid', '=', sopInstanceUid).executeTakeFirst();
    return row ? toWorkItem(row) : null;
  }

  async replace({ sopInstanceUid, attributes, transactionUid, version }: WorkItem): Promise<boolean> {
    const changed = await this.#database
      .updateTable('work_items')
      .set({ attributes: JSON.stringify(attributes), transaction_uid: transactionUid, version: version + 1 })
      .where('uid', '=', sopInstanceUid)
      .where('version', '=', version)
      .returning('uid')
      .execute();
    return changed.length === 1;
  }

  async all(limit: number): Promise<WorkItem[]> {
    return (await this.#rows().orderBy('created_at', 'desc').orderBy('uid').limit(limit).execute()).map(toWorkItem);
  }

  async subscribe({ aeTitle, target }: WorkItemSubscription): Promise<void> {
    await this.#database
      .insertInto('work_item_subscriptions')
      .values({ ae_title: aeTitle, target })
      .onConflict((conflict) => conflict.columns(['ae_title', 'target']).doNothing())
      .execute();
  }

  async unsubscribe({ aeTitle, target }: WorkItemSubscription): Promise<void> {
    await this.#database
      .deleteFrom('work_item_subscriptions')
      .where('ae_title', '=', aeTitle)
      .where('target', '=', target)
      .execute();
  }

  async subscriptions(): Promise<WorkItemSubscription[]> {
    const rows = await this.#database.selectFrom('work_item_subscriptions').selectAll().execute();
    return rows.map((row) => ({ aeTitle: row.ae_title, target: row.target }));
  }

  #rows() {
    return this.#database.selectFrom('work_items').selectAll();
  }
}

function toWorkItem(row: Selectable<LedgerDatabase['work_items']>): WorkItem {
  return {
    sopInstanceUid: row.uid,
    attributes: JSON.parse(row.attributes),
    transactionUid: row.transaction_uid,
    version: row.version,
  };
}
