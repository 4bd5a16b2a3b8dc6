import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuditRecord } from './audit-record.js';

const DICOMWEB = '/dicomweb/studies';

/** Audits reading by DICOMweb and whoever was turned away, once the answer is out. */
export function auditWeb(app: FastifyInstance, record: (record: AuditRecord) => void, now: () => Date): void {
  app.addHook('onResponse', async (request, reply) => {
    const found = webRecord(request, reply);
    if (found !== null) record({ ...found, at: now() });
  });
}

function webRecord(request: FastifyRequest, reply: FastifyReply): Omit<AuditRecord, 'at'> | null {
  const path = request.url.split('?')[0] ?? '';
  const userName = request.caller?.name ?? '';
  const common = {
    userName,
    address: request.ip,
    detail: `${request.method} ${request.routeOptions.url ?? 'no route'}`,
  };
  const isRefused = reply.statusCode === 401 || reply.statusCode === 403;
  if (isRefused) return { kind: 'security-alert', studyInstanceUid: null, ...common };
  if (request.method !== 'GET' || !path.startsWith(DICOMWEB) || reply.statusCode >= 400) return null;
  const studyInstanceUid = path.slice(DICOMWEB.length + 1).split('/')[0] ?? '';
  if (studyInstanceUid === '') return { kind: 'query', studyInstanceUid: null, ...common };
  return { kind: 'instances-accessed', studyInstanceUid, ...common };
}
