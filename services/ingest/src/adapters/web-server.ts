import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { Clock } from '@pce/shared/ports/clock';
import type { Log } from '@pce/shared/ports/log';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { IngestConfig, Role, ServerTls } from '../config-schema.js';
import { type Caller, createAuthenticator } from './authenticator.js';
import { logFailedRequests } from './failed-requests.js';
import { addSecurityHeaders } from './security-headers.js';
import { type RenewableServer, readServerTls, watchCertificates } from './server-tls.js';

/** Where DICOMweb lives. */
export const WEB_BASE = '/dicomweb';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** The role a caller needs; none for pages that say nothing about patients. */
    role?: Role;
  }
}

/** A web server with TLS, limits, authentication and the API page; routes are added by the caller before it listens. */
export async function createWebServer(web: IngestConfig['web'], { now }: Clock, log: Log): Promise<FastifyInstance> {
  const https = web.tls ? await readServerTls(web.tls) : null;
  const app = Fastify({
    ...(https ? { https } : {}),
    bodyLimit: 1024 * 1024,
    trustProxy: false,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: 'idle',
  } as object) as unknown as FastifyInstance;
  logFailedRequests(app, log);
  addSecurityHeaders(app, web.tls !== undefined && web.strictTransport);
  if (web.tls) keepCertificateFresh(app, web.tls, now, log);
  await app.register(rateLimit, { max: web.requestsPerMinute, timeWindow: '1 minute' });
  await app.register(swagger, {
    openapi: {
      info: { title: 'PCE ingest', description: 'Send images in, ask for what is held.', version: '1' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
  });
  await app.register(swaggerUi, { routePrefix: '/api', staticCSP: API_PAGE_CSP });
  const authenticate = createAuthenticator(web);
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request, reply) => {
    const { role } = request.routeOptions.config;
    if (role === undefined) return;
    const authentication = await authenticate(request.headers.authorization);
    if (authentication.kind === 'refused') {
      await reply.code(401).header('www-authenticate', 'Bearer').send({ message: authentication.message });
      return reply;
    }
    if (authentication.kind === 'unavailable') {
      await reply.code(503).send({ message: authentication.message });
      return reply;
    }
    if (!authentication.caller.roles.has(role)) {
      await reply.code(403).send({ message: `this needs the role "${role}"` });
      return reply;
    }
    request.caller = authentication.caller;
  });
  return app;
}

/** The API page's own scripts and styles, and nothing else. */
const API_PAGE_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Watches the certificate's files while the server listens. */
function keepCertificateFresh(app: FastifyInstance, files: ServerTls, now: () => Date, log: Log): void {
  const server = app.server as unknown as RenewableServer;
  let unwatch = () => {};
  app.addHook('onListen', async () => {
    unwatch = await watchCertificates({ server, files, name: 'web', now, log });
  });
  app.addHook('onClose', async () => unwatch());
}

/** The DICOMweb base URL as the caller sees it. */
export function baseUrl(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}${WEB_BASE}`;
}
