import { createHash, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { IngestConfig, Role } from '../config-schema.js';

/** Who a request comes from. */
export interface Caller {
  name: string;
  roles: ReadonlySet<Role>;
}

export type Authentication =
  | { kind: 'known'; caller: Caller }
  | { kind: 'refused'; message: string }
  /** The keys that tokens are checked with cannot be had now. */
  | { kind: 'unavailable'; message: string };

/** Tells who a request comes from by its `Authorization` header. */
export type Authenticator = (authorization: string | undefined) => Promise<Authentication>;

const EVERYTHING: Caller = { name: 'anyone', roles: new Set<Role>(['store', 'read', 'admin']) };

/**
 * Bearer tokens: API keys, and JWTs checked against a JWKS. With neither configured everyone may do everything, unless
 * `web.anonymous` is "nothing"; `config.ts` allows that on a loopback address only.
 */
export function createAuthenticator(web: IngestConfig['web']): Authenticator {
  const keys = web.apiKeys.map((key) => ({ ...key, digest: Buffer.from(key.sha256, 'hex') }));
  const verifyToken = web.tokens ? tokenVerifier(web.tokens) : null;
  if (keys.length === 0 && !verifyToken && web.anonymous === 'everything') {
    return async () => ({ kind: 'known', caller: EVERYTHING });
  }
  return async (authorization) => {
    const secret = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (secret === undefined) return { kind: 'refused', message: 'expected "Authorization: Bearer ..."' };
    const digest = createHash('sha256').update(secret).digest();
    const key = keys.find((candidate) => timingSafeEqual(candidate.digest, digest));
    if (key) return { kind: 'known', caller: { name: key.name, roles: new Set(key.roles) } };
    return verifyToken ? verifyToken(secret) : { kind: 'refused', message: 'the API key is not known' };
  };
}

function tokenVerifier(tokens: NonNullable<IngestConfig['web']['tokens']>): (token: string) => Promise<Authentication> {
  const keySet = createRemoteJWKSet(new URL(tokens.jwksUrl));
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keySet, { issuer: tokens.issuer, audience: tokens.audience });
      const claimed = payload[tokens.rolesClaim];
      const roles = (Array.isArray(claimed) ? claimed : String(claimed ?? '').split(' ')) as Role[];
      return { kind: 'known', caller: { name: payload.sub ?? 'token without subject', roles: new Set(roles) } };
    } catch (error) {
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) {
        return { kind: 'refused', message: `the token is not valid: ${error.code}` };
      }
      return { kind: 'unavailable', message: 'tokens cannot be checked now: their keys cannot be fetched' };
    }
  };
}
