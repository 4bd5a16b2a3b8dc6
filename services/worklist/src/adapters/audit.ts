import { randomUUID } from 'node:crypto';
import type { AuditAction, AuditEvent } from '@pce/shared/ports/access-ledger';
import type { FastifyRequest } from 'fastify';
import type { WorklistDeps } from './worklist-deps.js';

/** Looking at one study, slice by slice, is one view for this long. [design] */
const SAME_VIEW_MS = 10 * 60_000;
/** Views remembered; more than are open at a time. [design] */
const MAX_VIEWS = 2000;

export interface AuditSubject {
  studyInstanceUid?: string;
  resultId?: string;
  /** For requests without a session. */
  userName?: string;
}

/** Writes down who did what before anything is shown. */
export class Audit {
  readonly #deps: WorklistDeps;
  readonly #views = new Map<string, number>();

  constructor(deps: WorklistDeps) {
    this.#deps = deps;
  }

  async record(request: FastifyRequest, action: AuditAction, subject: AuditSubject = {}): Promise<void> {
    const event: AuditEvent = {
      eventId: randomUUID(),
      at: this.#deps.clock.now(),
      userName: subject.userName ?? request.session?.userName ?? '',
      action,
      address: request.ip,
      studyInstanceUid: subject.studyInstanceUid ?? null,
      resultId: subject.resultId ?? null,
    };
    await this.#deps.ledger.access.recordAudit(event);
    this.#deps.audited?.(event);
  }

  /** Records a view of a study once per session while it goes on. */
  async recordView(request: FastifyRequest, action: AuditAction, studyInstanceUid: string): Promise<void> {
    const { session } = request;
    const view = [session?.tokenDigest, session?.userName, action, studyInstanceUid].join(' ');
    const now = this.#deps.clock.now().getTime();
    const last = this.#views.get(view);
    if (last !== undefined && now - last < SAME_VIEW_MS) return;
    await this.record(request, action, { studyInstanceUid });
    if (this.#views.size >= MAX_VIEWS) this.#views.delete(this.#views.keys().next().value ?? '');
    this.#views.set(view, now);
  }
}
