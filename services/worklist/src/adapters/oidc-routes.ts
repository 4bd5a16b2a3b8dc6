import type { UserRole } from '@pce/shared/ports/access-ledger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as client from 'openid-client';
import type { AccessConfig } from '../access-config.js';
import { isLoopback } from '../core/access-rules.js';
import type { Audit } from './audit.js';
import { isSameSecret } from './is-same-secret.js';
import type { SessionGate } from './session-gate.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';

type OidcConfig = NonNullable<AccessConfig['oidc']>;

const START = `${WORKLIST_BASE}/oidc/start`;
const CALLBACK = `${WORKLIST_BASE}/oidc/callback`;
const SIGN_IN_PAGE = `${WORKLIST_BASE}/sign-in`;
/** How long somebody may take at the provider. */
const TRANSACTION_SECONDS = 600;
const ATTEMPTS_PER_MINUTE = 20;

/** What the browser keeps between leaving for the provider and coming back. */
interface Transaction {
  state: string;
  nonce: string;
  verifier: string;
}

/** Sign-in by an OpenID Connect provider: authorization code with PKCE, state and nonce. */
export function addOidcRoutes(app: FastifyInstance, deps: WorklistDeps, gate: SessionGate, audit: Audit): void {
  const { oidc } = deps.access;
  if (!oidc) return;
  const provider = new Provider(oidc, deps.oidcClientSecret);
  const options = {
    config: {
      permission: 'public' as const,
      rateLimit: { max: ATTEMPTS_PER_MINUTE, timeWindow: '1 minute' },
    },
    schema: { hide: true },
  };
  app.get(START, options, async (request, reply) => {
    const transaction: Transaction = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(await provider.configuration(), {
      redirect_uri: baseOf(request, deps) + CALLBACK,
      scope: oidc.scope,
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(transaction.verifier),
      code_challenge_method: 'S256',
    });
    reply.setCookie(gate.cookieName('oidc'), Buffer.from(JSON.stringify(transaction)).toString('base64url'), {
      ...gate.cookieOptions(),
      maxAge: TRANSACTION_SECONDS,
    });
    return reply.redirect(url.href);
  });
  app.get(CALLBACK, options, (request, reply) => comeBack(request, reply, { deps, gate, audit, oidc, provider }));
}

interface CallbackParts {
  deps: WorklistDeps;
  gate: SessionGate;
  audit: Audit;
  oidc: OidcConfig;
  provider: Provider;
}

async function comeBack(
  request: FastifyRequest,
  reply: FastifyReply,
  { deps, gate, audit, oidc, provider }: CallbackParts,
): Promise<FastifyReply> {
  const transaction = transactionOf(request.cookies[gate.cookieName('oidc')]);
  reply.clearCookie(gate.cookieName('oidc'), gate.cookieOptions());
  const { state } = request.query as { state?: string };
  if (!transaction || !isSameSecret(state, transaction.state)) return reply.redirect(`${SIGN_IN_PAGE}?problem=expired`);
  let claims: Readonly<Record<string, unknown>>;
  try {
    const tokens = await client.authorizationCodeGrant(
      await provider.configuration(),
      new URL(request.url, baseOf(request, deps)),
      { expectedState: transaction.state, expectedNonce: transaction.nonce, pkceCodeVerifier: transaction.verifier },
    );
    claims = tokens.claims() ?? {};
  } catch (error) {
    deps.failed(error as Error);
    return reply.redirect(`${SIGN_IN_PAGE}?problem=provider`);
  }
  const userName = String(claims[oidc.nameClaim] ?? claims.sub ?? '');
  const roles = rolesOf(claims[oidc.rolesClaim], oidc);
  if (roles.length === 0) {
    await audit.record(request, 'sign-in-refused', { userName });
    return reply.redirect(`${SIGN_IN_PAGE}?problem=no-role`);
  }
  await audit.record(request, 'sign-in', { userName });
  await gate.open(reply, userName, roles, 'oidc');
  return reply.redirect(WORKLIST_BASE);
}

/** The provider, asked about itself when it is first needed: it may start after us. */
class Provider {
  readonly #oidc: OidcConfig;
  readonly #secret: string | null;
  #known: Promise<client.Configuration> | null = null;

  constructor(oidc: OidcConfig, secret: string | null) {
    this.#oidc = oidc;
    this.#secret = secret;
  }

  configuration(): Promise<client.Configuration> {
    if (this.#known) return this.#known;
    const issuer = new URL(this.#oidc.issuer);
    // Without TLS on this machine only, for trying things out.
    const execute = issuer.protocol === 'http:' && isLoopback(issuer.hostname) ? [client.allowInsecureRequests] : [];
    const authentication = this.#secret === null ? client.None() : client.ClientSecretBasic(this.#secret);
    const asked = client.discovery(issuer, this.#oidc.clientId, undefined, authentication, { execute });
    asked.catch(() => {
      this.#known = null;
    });
    this.#known = asked;
    return asked;
  }
}

function transactionOf(cookie: string | undefined): Transaction | null {
  if (cookie === undefined) return null;
  try {
    const { state, nonce, verifier } = JSON.parse(Buffer.from(cookie, 'base64url').toString('utf8'));
    const isWhole = [state, nonce, verifier].every((value) => typeof value === 'string' && value !== '');
    return isWhole ? { state, nonce, verifier } : null;
  } catch {
    return null;
  }
}

function rolesOf(claim: unknown, { roles }: OidcConfig): UserRole[] {
  const values = Array.isArray(claim) ? claim : String(claim ?? '').split(' ');
  const known = values.flatMap((value) => (Object.hasOwn(roles, String(value)) ? (roles[String(value)] ?? []) : []));
  return [...new Set(known)];
}

function baseOf(request: FastifyRequest, { access }: WorklistDeps): string {
  return access.publicUrl ?? `${request.protocol}://${request.host}`;
}
