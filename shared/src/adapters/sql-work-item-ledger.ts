import {
  type Expression,
  type ExpressionBuilder,
  type Kysely,
  type Selectable,
  type SqlBool,
  sql,
  type Transaction,
} from 'kysely';
import type {
  DicomJsonDataset,
  GlobalSubscription,
  WorkItem,
  WorkItemLedger,
  WorkItemMatch,
} from '../ports/work-item-ledger.js';
import { likePattern } from './attribute-match.js';
import type { LedgerDatabase } from './ledger-schema.js';
import { workItemValueRows } from './work-item-schema.js';

/** Target of a subscription to all work items to come. */
const ALL = '';

/** The tasks over SQL, the same for SQLite and PostgreSQL. */
export class SqlWorkItemLedger implements WorkItemLedger {
  readonly #database: Kysely<LedgerDatabase>;

  constructor(database: Kysely<LedgerDatabase>) {
    this.#database = database;
  }

  async create({ sopInstanceUid, attributes, transactionUid }: Omit<WorkItem, 'version'>): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const inserted = await transaction
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
      if (inserted.length === 0) return false;
      await insertValues(transaction, sopInstanceUid, attributes);
      return true;
    });
  }

  async find(sopInstanceUid: string): Promise<WorkItem | null> {
    const rows = this.#database.selectFrom('work_items').selectAll();
    const row = await rows.where('uid', '=', sopInstanceUid).executeTakeFirst();
    return row ? toWorkItem(row) : null;
  }

  async replace({ sopInstanceUid, attributes, transactionUid, version }: WorkItem): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const changed = await transaction
        .updateTable('work_items')
        .set({ attributes: JSON.stringify(attributes), transaction_uid: transactionUid, version: version + 1 })
        .where('uid', '=', sopInstanceUid)
        .where('version', '=', version)
        .returning('uid')
        .execute();
      if (changed.length === 0) return false;
      await transaction.deleteFrom('work_item_values').where('uid', '=', sopInstanceUid).execute();
      await insertValues(transaction, sopInstanceUid, attributes);
      return true;
    });
  }

  async search(matches: readonly WorkItemMatch[], limit: number, offset: number): Promise<WorkItem[]> {
    let select = this.#database.selectFrom('work_items').selectAll();
    for (const match of matches) select = select.where('uid', 'in', (where) => meeting(where, match));
    const rows = await select.orderBy('created_at', 'desc').orderBy('uid').limit(limit).offset(offset).execute();
    return rows.map(toWorkItem);
  }

  async subscribe(aeTitle: string, sopInstanceUid: string): Promise<void> {
    await this.#database
      .insertInto('work_item_subscriptions')
      .values({ ae_title: aeTitle, target: sopInstanceUid, filter: null })
      .onConflict((conflict) => conflict.columns(['ae_title', 'target']).doNothing())
      .execute();
  }

  async unsubscribe(aeTitle: string, sopInstanceUid: string): Promise<void> {
    const subscriptions = this.#database.deleteFrom('work_item_subscriptions').where('ae_title', '=', aeTitle);
    await subscriptions.where('target', '=', sopInstanceUid).execute();
  }

  async subscribersOf(sopInstanceUid: string): Promise<string[]> {
    const subscriptions = this.#database.selectFrom('work_item_subscriptions').select('ae_title');
    return (await subscriptions.where('target', '=', sopInstanceUid).execute()).map((row) => row.ae_title);
  }

  async endSubscriptionsOf(sopInstanceUid: string): Promise<void> {
    await this.#database.deleteFrom('work_item_subscriptions').where('target', '=', sopInstanceUid).execute();
  }

  async subscribeToAll({ aeTitle, filter }: GlobalSubscription, existing: readonly WorkItemMatch[]): Promise<string[]> {
    const row = { ae_title: aeTitle, target: ALL, filter: JSON.stringify(filter) };
    await this.#database
      .insertInto('work_item_subscriptions')
      .values(row)
      .onConflict((conflict) => conflict.columns(['ae_title', 'target']).doUpdateSet({ filter: row.filter }))
      .execute();
    const subscriber = sql<string>`CAST(${aeTitle} AS text)`.as('ae_title');
    const matches = [...filter, ...existing];
    const subscribed = await this.#database
      .insertInto('work_item_subscriptions')
      .columns(['ae_title', 'target'])
      .expression(({ selectFrom }) =>
        selectFrom('work_items')
          .select([subscriber, 'work_items.uid'])
          // Without a condition SQLite takes what follows for a join.
          .where(sql<SqlBool>`true`)
          .where((where) => where.and(matches.map((match) => where('work_items.uid', 'in', meeting(where, match))))),
      )
      .onConflict((conflict) => conflict.columns(['ae_title', 'target']).doNothing())
      .returning('target')
      .execute();
    return subscribed.map(({ target }) => target);
  }

  async globalSubscriptions(): Promise<GlobalSubscription[]> {
    const rows = this.#database.selectFrom('work_item_subscriptions').selectAll().where('target', '=', ALL);
    return (await rows.execute()).map((row) => ({ aeTitle: row.ae_title, filter: JSON.parse(row.filter ?? '[]') }));
  }

  async suspend(aeTitle: string): Promise<void> {
    await this.unsubscribe(aeTitle, ALL);
  }

  async unsubscribeFromAll(aeTitle: string): Promise<void> {
    await this.#database.deleteFrom('work_item_subscriptions').where('ae_title', '=', aeTitle).execute();
  }
}

/** UIDs of the work items that meet a condition. */
function meeting(
  { selectFrom }: Pick<ExpressionBuilder<LedgerDatabase, 'work_items'>, 'selectFrom'>,
  match: WorkItemMatch,
) {
  return selectFrom('work_item_values')
    .select('work_item_values.uid')
    .where('path', '=', match.path.join('.'))
    .where((where) => condition(where, match));
}

async function insertValues(
  transaction: Transaction<LedgerDatabase>,
  sopInstanceUid: string,
  attributes: DicomJsonDataset,
): Promise<void> {
  for (const rows of workItemValueRows(sopInstanceUid, attributes)) {
    await transaction.insertInto('work_item_values').values(rows).execute();
  }
}

function condition(
  where: ExpressionBuilder<LedgerDatabase, 'work_item_values'>,
  match: WorkItemMatch,
): Expression<SqlBool> {
  if (match.kind === 'any-of') {
    return where.or(match.patterns.map((pattern) => patternCondition(where, pattern.toLowerCase())));
  }
  const { from, to } = match;
  return where.and([
    ...(from === null ? [] : [where('value', '>=', from)]),
    ...(to === null ? [] : [sql<SqlBool>`substr(value, 1, ${sql.lit(to.length)}) <= ${to}`]),
  ]);
}

function patternCondition(where: ExpressionBuilder<LedgerDatabase, 'work_item_values'>, pattern: string) {
  if (!/[*?]/.test(pattern)) return where('folded', '=', pattern);
  return sql<SqlBool>`folded LIKE ${likePattern(pattern)} ESCAPE '\\'`;
}

function toWorkItem(row: Selectable<LedgerDatabase['work_items']>): WorkItem {
  return {
    sopInstanceUid: row.uid,
    attributes: JSON.parse(row.attributes),
    transactionUid: row.transaction_uid,
    version: row.version,
  };
}
