import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { permissionsOf } from '../core/access-rules.js';
import type { Audit } from './audit.js';
import { isPassword } from './password-hash.js';
import type { SessionGate } from './session-gate.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';

/** Attempts to sign in from one address. [design] A person mistypes a few times; a guesser needs thousands. */
const ATTEMPTS_PER_MINUTE = 10;
/** Wrong passwords for one name before it has to rest, whatever address they come from. [design] */
const MAX_FAILURES = 8;
const REST_MS = 5 * 60_000;

const SignInSchema = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 256 }) },
  { additionalProperties: false },
);

/** Who is signed in, signing in by password, and signing out. */
export function addSignInRoutes(app: FastifyInstance, deps: WorklistDeps, gate: SessionGate, audit: Audit): void {
  const failures = new FailureCount(() => deps.clock.now().getTime());
  app.get(
    `${WORKLIST_BASE}/api/session`,
    { config: { permission: 'public' }, schema: { summary: 'Who is signed in', tags: ['sign-in'] } },
    async ({ session }) => ({
      userName: session?.userName ?? null,
      permissions: session ? permissionsOf(session.roles) : [],
      csrfToken: session?.csrfToken ?? null,
      isOpen: gate.isOpen,
      ways: { password: deps.access.users.length > 0, oidc: deps.access.oidc !== undefined },
    }),
  );
  app.post(
    `${WORKLIST_BASE}/api/sign-in`,
    {
      config: { permission: 'public', rateLimit: { max: ATTEMPTS_PER_MINUTE, timeWindow: '1 minute' } },
      schema: { summary: 'Sign in by name and password', tags: ['sign-in'], body: SignInSchema },
    },
    (request, reply) => signIn(request, reply, { deps, gate, audit, failures }),
  );
  app.post(
    `${WORKLIST_BASE}/api/sign-out`,
    { config: { permission: 'signed-in' }, schema: { summary: 'Sign out', tags: ['sign-in'] } },
    async (request, reply) => {
      await audit.record(request, 'sign-out');
      await gate.close(request, reply);
      return reply.code(204).send();
    },
  );
}

interface SignInParts {
  deps: WorklistDeps;
  gate: SessionGate;
  audit: Audit;
  failures: FailureCount;
}

async function signIn(
  request: FastifyRequest,
  reply: FastifyReply,
  { deps, gate, audit, failures }: SignInParts,
): Promise<FastifyReply> {
  // A page from elsewhere must not sign its visitor in as somebody else.
  if (isFromElsewhere(request)) return reply.code(403).send({ message: 'expected a request from our own page' });
  const { name, password } = request.body as { name: string; password: string };
  if (failures.isResting(name)) {
    return reply.code(429).send({ message: 'too many wrong passwords for this name: wait some minutes' });
  }
  const user = deps.access.users.find((candidate) => candidate.name === name);
  if (!(await isPassword(password, user?.passwordHash ?? null)) || !user) {
    failures.count(name);
    await audit.record(request, 'sign-in-refused', { userName: name });
    return reply.code(401).send({ message: 'name or password is wrong' });
  }
  failures.forget(name);
  await audit.record(request, 'sign-in', { userName: name });
  await gate.open(reply, user.name, user.roles, 'local');
  return reply.code(204).send();
}

/** Browsers say where a request comes from; other clients have no cookie jar to be tricked with. */
function isFromElsewhere({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** Names stay few: only the last ones with failures are kept. */
const MAX_NAMES = 10_000;

class FailureCount {
  readonly #now: () => number;
  readonly #failures = new Map<string, { count: number; lastAt: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  isResting(name: string): boolean {
    const known = this.#failures.get(name);
    if (!known) return false;
    if (this.#now() - known.lastAt > REST_MS) this.#failures.delete(name);
    return this.#failures.has(name) && known.count >= MAX_FAILURES;
  }

  count(name: string): void {
    const known = this.#failures.get(name);
    if (!known && this.#failures.size >= MAX_NAMES) this.#failures.delete(this.#failures.keys().next().value ?? '');
    this.#failures.set(name, { count: (known?.count ?? 0) + 1, lastAt: this.#now() });
  }

  forget(name: string): void {
    this.#failures.delete(name);
  }
}
