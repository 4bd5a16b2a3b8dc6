import type { Kysely } from 'kysely';
import type { AccessLedger, AuditAction, AuditEvent, Session } from '../ports/access-ledger.js';
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
    return (await select.execute()).map((row) => ({
      eventId: row.event_id,
      at: new Date(row.at),
      userName: row.user_name,
      action: row.action as AuditAction,
      address: row.address,
      studyInstanceUid: row.study_uid,
      resultId: row.result_id,
    }));
  }
}
