import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuditKind, AuditRecord } from './audit-record.js';

/** Routes that others search with: QIDO-RS and UPS-RS. */
const SEARCH = /^\/dicomweb\/(?:.*\/)?(?:studies|series|instances)$|^\/workitems$/;
const RETRIEVE = /^\/dicomweb\/studies\//;
/** Wrong passwords are recorded by whoever checks them. */
const SIGN_IN = /\/sign-in$/;

/** Audits what is asked for by DICOMweb and whoever was turned away, once the answer is out. */
export function auditWeb(app: FastifyInstance, record: (record: AuditRecord) => void, now: () => Date): void {
  app.addHook('onResponse', async (request, reply) => {
    const found = webRecord(request, reply);
    if (found !== null) record({ ...found, at: now() });
  });
}

function webRecord(request: FastifyRequest, reply: FastifyReply): Omit<AuditRecord, 'at'> | null {
  const route = request.routeOptions.url ?? '';
  const kind = kindOf(request.method, route, reply.statusCode);
  if (kind === null) return null;
  const { study } = (request.params ?? {}) as { study?: string };
  return {
    kind,
    userName: request.caller?.name ?? '',
    address: request.ip,
    studyInstanceUid: kind === 'instances-retrieved' ? (study ?? null) : null,
    detail: `${request.method} ${route}`,
  };
}

function kindOf(method: string, route: string, status: number): AuditKind | null {
  if (route === '' || SIGN_IN.test(route)) return null;
  if (status === 401 || status === 403) return 'access-refused';
  if (method !== 'GET' || status >= 400) return null;
  if (SEARCH.test(route)) return 'query';
  return RETRIEVE.test(route) ? 'instances-retrieved' : null;
}
