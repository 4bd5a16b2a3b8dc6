import type { Kysely, Selectable } from 'kysely';
import type { AccessLedger, AuditAction, AuditEvent, AuditSpan, Session } from '../ports/access-ledger.js';
import type { LedgerDatabase } from './ledger-schema.js';

/** Sessions and the audit over SQL, the same for SQLite and PostgreSQL. */
export class SqlAccessLedger implements AccessLedger {
  readonly #database: Kysely<LedgerDatabase>;

  constructor(database: Kysely<LedgerDatabase>) {
    this.#database = database;
  }

  async openSession(session: Session): Promise<void> {
    await this.#database
      .insertInto('sessions')
      .values({
        token_digest: session.tokenDigest,
        user_name: session.userName,
        roles: JSON.stringify(session.roles),
        source: session.source,
        csrf_token: session.csrfToken,
        created_at: session.createdAt.toISOString(),
        last_seen_at: session.lastSeenAt.toISOString(),
      })
      .execute();
  }

  async findSession(tokenDigest: string): Promise<Session | null> {
    const row = await this.#database
      .selectFrom('sessions')
      .selectAll()
      .where('token_digest', '=', tokenDigest)
      .executeTakeFirst();
    if (!row) return null;
    return {
      tokenDigest,
      userName: row.user_name,
      roles: JSON.parse(row.roles),
      source: row.source as Session['source'],
      csrfToken: row.csrf_token,
      createdAt: new Date(row.created_at),
      lastSeenAt: new Date(row.last_seen_at),
    };
  }

  async touchSession(tokenDigest: string, at: Date): Promise<void> {
    await this.#database
      .updateTable('sessions')
      .set({ last_seen_at: at.toISOString() })
      .where('token_digest', '=', tokenDigest)
      .execute();
  }

  async endSession(tokenDigest: string): Promise<void> {
    await this.#database.deleteFrom('sessions').where('token_digest', '=', tokenDigest).execute();
  }

  async endSessionsBefore(lastSeen: Date): Promise<void> {
    await this.#database.deleteFrom('sessions').where('last_seen_at', '<', lastSeen.toISOString()).execute();
  }

  async recordAudit(event: AuditEvent): Promise<void> {
    await this.#database
      .insertInto('audit_events')
      .values({
        event_id: event.eventId,
        at: event.at.toISOString(),
        user_name: event.userName,
        action: event.action,
        address: event.address,
        study_uid: event.studyInstanceUid,
        result_id: event.resultId,
      })
      .execute();
  }

  async auditEvents(limit: number, before?: Date): Promise<AuditEvent[]> {
    let select = this.#database.selectFrom('audit_events').selectAll().orderBy('at', 'desc').limit(limit);
    if (before) select = select.where('at', '<', before.toISOString());
    return (await select.execute()).map(toEvent);
  }

  async auditPage(
    { from, until }: AuditSpan,
    after: Pick<AuditEvent, 'at' | 'eventId'> | null,
    limit: number,
  ): Promise<AuditEvent[]> {
    let select = this.#database.selectFrom('audit_events').selectAll().orderBy('at').orderBy('event_id').limit(limit);
    if (from) select = select.where('at', '>=', from.toISOString());
    if (until) select = select.where('at', '<', until.toISOString());
    if (after) {
      const at = after.at.toISOString();
      select = select.where((where) =>
        where.or([where('at', '>', at), where.and([where('at', '=', at), where('event_id', '>', after.eventId)])]),
      );
    }
    return (await select.execute()).map(toEvent);
  }

  async forgetAuditBefore(at: Date): Promise<number> {
    const forgotten = this.#database.deleteFrom('audit_events').where('at', '<', at.toISOString());
    return Number((await forgotten.executeTakeFirst()).numDeletedRows);
  }
}

function toEvent(row: Selectable<LedgerDatabase['audit_events']>): AuditEvent {
  return {
    eventId: row.event_id,
    at: new Date(row.at),
    userName: row.user_name,
    action: row.action as AuditAction,
    address: row.address,
    studyInstanceUid: row.study_uid,
    resultId: row.result_id,
  };
}
