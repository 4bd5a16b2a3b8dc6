import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { WORKLIST_BASE } from './worklist-base.js';

/** The pages as `web/build.mjs` bundles them. */
const BUILT_PAGES = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/web/' : '../web/', import.meta.url),
);

/** Pages by path; `signed-in` ones send strangers to sign in. */
const PAGES = [
  { path: WORKLIST_BASE, file: 'worklist.html', permission: 'signed-in' },
  { path: `${WORKLIST_BASE}/studies/:key`, file: 'viewer.html', permission: 'signed-in' },
  { path: `${WORKLIST_BASE}/monitoring`, file: 'monitoring.html', permission: 'signed-in' },
  { path: `${WORKLIST_BASE}/deliveries`, file: 'deliveries.html', permission: 'signed-in' },
  { path: `${WORKLIST_BASE}/sign-in`, file: 'sign-in.html', permission: 'public' },
] as const;

/** The pages and what they load. None of them holds patient data: that comes by the API. */
export async function addPageRoutes(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, { root: BUILT_PAGES, serve: false, cacheControl: false });
  for (const { path, file, permission } of PAGES) {
    app.get(path, { config: { permission, isPage: true }, schema: { hide: true } }, (_request, reply) =>
      reply.header('cache-control', 'no-cache').sendFile(file),
    );
  }
  app.get(
    `${WORKLIST_BASE}/assets/:file`,
    { config: { permission: 'public' }, schema: { hide: true } },
    (request, reply) => {
      const { file } = request.params as { file: string };
      return reply.header('cache-control', 'no-cache').sendFile(`assets/${file}`);
    },
  );
}
