import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { TLS_PROFILE } from '@pce/shared/dimse/tls-profile';
import type { FastifyInstance } from 'fastify';
import type { IngestConfig } from '../config-schema.js';
import type { PulledStudy, PullQuery } from '../core/pull.js';
import type { ReceiverContext } from '../core/receive-instance.js';
import { pullStudiesOverWeb } from './pull-dicomweb.js';
import { pullStudies } from './pull-dimse.js';

export interface PullRoutesOptions {
  config: Pick<IngestConfig, 'pullSources' | 'web'>;
  receiver: ReceiverContext;
}

type PullSource = IngestConfig['pullSources'][number];

interface PullRequest {
  source: string;
  accessionNumbers?: string[];
  query?: Record<string, string>;
}

const BODY = {
  type: 'object',
  required: ['source'],
  additionalProperties: false,
  properties: {
    source: { type: 'string', description: 'name of one of pullSources' },
    accessionNumbers: { type: 'array', minItems: 1, maxItems: 10_000, items: { type: 'string', minLength: 1 } },
    query: { type: 'object', minProperties: 1, additionalProperties: { type: 'string', minLength: 1 } },
  },
  oneOf: [{ required: ['accessionNumbers'] }, { required: ['query'] }],
};

/** Fetching from a PACS on demand: by accession numbers or by a query. Answers line by line while it goes on. */
export function addPullRoutes(app: FastifyInstance, { config, receiver }: PullRoutesOptions): void {
  const schema = {
    summary: 'Fetch studies from a PACS; answers with one JSON line per study',
    tags: ['pull'],
    body: BODY,
  };
  app.post('/pulls', { config: { role: 'admin' }, schema }, async (request, reply) => {
    const asked = request.body as PullRequest;
    const source = config.pullSources.find(({ name }) => name === asked.source);
    if (!source) {
      const known = config.pullSources.map(({ name }) => name).join(', ') || 'none';
      return reply.code(404).send({ message: `source: expected one of pullSources (${known})` });
    }
    const queries = asked.query ? [asked.query] : (asked.accessionNumbers ?? []).map(byAccessionNumber);
    const pull = await openSource(source, config.web, receiver);
    return reply.type('application/x-ndjson').send(Readable.from(linesOf(queries, pull)));
  });
}

function byAccessionNumber(accessionNumber: string): PullQuery {
  return { AccessionNumber: accessionNumber };
}

/** One query after the other; one that fails says so, and the next begins. */
async function* linesOf(
  queries: readonly PullQuery[],
  pull: (query: PullQuery) => AsyncGenerator<PulledStudy, void, undefined>,
): AsyncGenerator<string> {
  for (const query of queries) {
    let found = 0;
    try {
      for await (const study of pull(query)) {
        found += 1;
        yield line({ query, ...study });
      }
      if (found === 0) yield line({ query, error: 'nothing was found' });
    } catch (error) {
      yield line({ query, error: error instanceof Error ? error.message : String(error) });
    }
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** Reads the files a source names: a secret that was changed is used from the next request on. */
async function openSource({ name, dimse, dicomweb }: PullSource, web: IngestConfig['web'], receiver: ReceiverContext) {
  if (dicomweb) {
    const { url, tokenFile } = dicomweb;
    const token = tokenFile === undefined ? null : (await readFile(tokenFile, 'utf8')).trim();
    const { maxInstanceBytes, maxParts } = web;
    return (query: PullQuery) => pullStudiesOverWeb({ name, url, token, maxInstanceBytes, maxParts }, query, receiver);
  }
  if (!dimse) throw new Error(`pullSources: ${name} says neither dimse nor dicomweb`);
  const { tls, ...peer } = dimse;
  const secure = tls
    ? {
        tls: {
          ...TLS_PROFILE,
          ...(tls.caFile ? { ca: await readFile(tls.caFile) } : {}),
          ...(tls.certificateFile ? { cert: await readFile(tls.certificateFile) } : {}),
          ...(tls.keyFile ? { key: await readFile(tls.keyFile) } : {}),
        },
      }
    : {};
  return (query: PullQuery) => pullStudies({ ...peer, ...secure }, query, receiver);
}
