import { createHash, randomBytes } from 'node:crypto';
import type {} from '@fastify/swagger';
import type { Session, UserRole } from '@pce/shared/ports/access-ledger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isExpired, isLoopback, type Permission, permissionsOf, type SessionLimits } from '../core/access-rules.js';
import { isSameSecret } from './is-same-secret.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on public routes for somebody who is not signed in. */
    session: Session | null;
  }
  interface FastifyContextConfig {
    /** What a route of the worklist needs; a route that says nothing is refused. */
    permission?: Permission | 'public' | 'signed-in';
    /** A page people open: who is not signed in is sent to sign in. */
    isPage?: boolean;
  }
}

/** How often a session's last use is written down at most. [design] */
const TOUCH_MS = 60_000;
const TOKEN_BYTES = 32;
/** Methods that change nothing. */
const SAFE_METHODS = new Set(['GET', 'HEAD']);

/** Sessions in cookies, and what they allow. */
export class SessionGate {
  readonly #deps: WorklistDeps;
  readonly #limits: SessionLimits;
  /** Everybody's session where nobody has to sign in. */
  readonly #everybody: Session | null;

  /** @throws Error when others could reach pages that ask nobody to sign in */
  constructor(deps: WorklistDeps) {
    const { access, host, clock } = deps;
    this.#deps = deps;
    this.#limits = { idleMs: access.idleMinutes * 60_000, longestMs: access.longestHours * 3_600_000 };
    const isOpen = access.users.length === 0 && !access.oidc;
    if (isOpen && !(isLoopback(host) && access.publicUrl === undefined)) {
      throw new Error(`access: ${host} is reachable from elsewhere, which needs users or oidc; received neither`);
    }
    this.#everybody = isOpen ? localSession(deps, clock.now()) : null;
  }

  /** Whether everybody on this machine is let in without signing in. */
  get isOpen(): boolean {
    return this.#everybody !== null;
  }

  /** Looks at every request of the routes added to `app` after this. */
  guard(app: FastifyInstance): void {
    app.decorateRequest('session', null);
    app.addHook('onRequest', (request, reply) => this.#check(request, reply));
  }

  /** Signs somebody in: a new token each time. */
  async open(reply: FastifyReply, userName: string, roles: UserRole[], source: Session['source']): Promise<void> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const now = this.#deps.clock.now();
    const session = { ...newSession(userName, roles, source, now), tokenDigest: digestOf(token) };
    await this.#deps.ledger.access.endSessionsBefore(new Date(now.getTime() - this.#limits.longestMs));
    await this.#deps.ledger.access.openSession(session);
    reply.setCookie(this.cookieName('session'), token, { ...this.cookieOptions() });
  }

  async close(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (request.session) await this.#deps.ledger.access.endSession(request.session.tokenDigest);
    reply.clearCookie(this.cookieName('session'), this.cookieOptions());
  }

  /** The session a request comes with, when it still holds. */
  async find(request: FastifyRequest): Promise<Session | null> {
    if (this.#everybody) return this.#everybody;
    const token = request.cookies[this.cookieName('session')];
    if (token === undefined) return null;
    const session = await this.#deps.ledger.access.findSession(digestOf(token));
    if (!session || isExpired(session, this.#limits, this.#deps.clock.now())) return null;
    return this.#asConfigured(session);
  }

  /** The `__Host-` prefix binds a cookie to this host and to TLS; without TLS browsers refuse it. */
  cookieName(name: string): string {
    return `${this.#isSecure ? '__Host-' : ''}pce-${name}`;
  }

  cookieOptions() {
    return { path: '/', httpOnly: true, secure: this.#isSecure, sameSite: 'lax' } as const;
  }

  get #isSecure(): boolean {
    return this.#deps.access.publicUrl?.startsWith('https:') ?? this.#deps.isTls;
  }

  async #check(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const { permission, isPage } = request.routeOptions.config;
    if (this.isOpen && !isLoopback(request.hostname)) {
      // A name that leads to this machine, in a page from elsewhere, would be let in as everybody.
      return reply.code(403).send({ message: 'expected to be asked by a loopback address' });
    }
    request.session = await this.find(request);
    if (permission === 'public') return;
    if (!request.session) {
      if (isPage) return reply.redirect(`${WORKLIST_BASE}/sign-in`);
      return reply.code(401).send({ message: 'expected somebody who is signed in' });
    }
    await this.#touch(request.session);
    if (permission !== 'signed-in' && !(permission && permissionsOf(request.session.roles).includes(permission))) {
      return reply.code(403).send({ message: `this needs the permission "${permission ?? 'none'}"` });
    }
    if (
      !SAFE_METHODS.has(request.method) &&
      !isSameSecret(request.headers['x-csrf-token'], request.session.csrfToken)
    ) {
      return reply.code(403).send({ message: 'x-csrf-token: expected the one of this session' });
    }
  }

  /** A local user who was taken out of the configuration, or lost a role, does so at once. */
  #asConfigured(session: Session): Session | null {
    if (session.source !== 'local') return this.#deps.access.oidc ? session : null;
    const user = this.#deps.access.users.find(({ name }) => name === session.userName);
    return user ? { ...session, roles: user.roles } : null;
  }

  async #touch(session: Session): Promise<void> {
    const now = this.#deps.clock.now();
    if (session === this.#everybody || now.getTime() - session.lastSeenAt.getTime() < TOUCH_MS) return;
    await this.#deps.ledger.access.touchSession(session.tokenDigest, now);
  }
}

/** Who reads for a study has nothing to administer. */
function localSession({ readerStudy }: WorklistDeps, now: Date): Session {
  if (readerStudy) return newSession(readerStudy.readerName, ['reader'], 'local', now);
  return newSession('local reader', ['reader', 'administrator'], 'local', now);
}

function newSession(userName: string, roles: UserRole[], source: Session['source'], now: Date): Session {
  const csrfToken = randomBytes(TOKEN_BYTES).toString('base64url');
  return { tokenDigest: '', userName, roles, source, csrfToken, createdAt: now, lastSeenAt: now };
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
