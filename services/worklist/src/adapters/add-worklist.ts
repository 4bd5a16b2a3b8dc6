import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { Audit } from './audit.js';
import { addDeliveryPageRoutes } from './delivery-routes.js';
import { addEventsRoute } from './events-route.js';
import { addExportRoutes } from './export-routes.js';
import { addImageRoutes } from './image-routes.js';
import { addMarkRoutes } from './mark-routes.js';
import { addMonitoringRoutes } from './monitoring-routes.js';
import { addOidcRoutes } from './oidc-routes.js';
import { addPageRoutes } from './page-routes.js';
import { addQueueBoard } from './queue-board.js';
import { addReportRoute } from './report-route.js';
import { addReviewRoutes } from './review-routes.js';
import { SessionGate } from './session-gate.js';
import { addSignInRoutes } from './sign-in-routes.js';
import { addStudyRoutes } from './study-routes.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';
import { WorklistFeed } from './worklist-feed.js';

/** Requests of one address. [design] Scrolling through a CT of 300 slices several times. */
const REQUESTS_PER_MINUTE = 6000;

/**
 * Adds the pages for people and what they ask for to a server: the worklist, the viewer, monitoring and sign-in, all
 * below `/worklist`. Call it before the server listens; it ends with the server.
 *
 * @throws Error when others could reach pages that ask nobody to sign in
 */
export async function addWorklist(app: FastifyInstance, deps: WorklistDeps): Promise<void> {
  const gate = new SessionGate(deps);
  const feed = new WorklistFeed(deps);
  const audit = new Audit(deps);
  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect(WORKLIST_BASE));
  await app.register(async (pages) => {
    if (!pages.hasDecorator('rateLimit')) {
      await pages.register(rateLimit, { max: REQUESTS_PER_MINUTE, timeWindow: '1 minute' });
    }
    await pages.register(cookie);
    await addSecurityHeaders(pages);
    gate.guard(pages);
    pages.addHook('onClose', async () => feed.close());
    addSignInRoutes(pages, deps, gate, audit);
    addOidcRoutes(pages, deps, gate, audit);
    addStudyRoutes(pages, deps, feed, audit);
    addImageRoutes(pages, deps, audit);
    addReviewRoutes(pages, deps, audit);
    if (deps.readerStudy) addMarkRoutes(pages, deps, deps.readerStudy, audit);
    addReportRoute(pages, deps, audit);
    addEventsRoute(pages, feed, gate);
    addMonitoringRoutes(pages, deps, audit);
    addDeliveryPageRoutes(pages, deps, audit);
    addExportRoutes(pages, deps, audit);
    if (deps.queues) await addQueueBoard(pages, deps.queues);
    await addPageRoutes(pages);
  });
}

/** Scripts, styles and pictures of our own only, nothing inline, no frames; patient data stays in no cache. */
async function addSecurityHeaders(pages: FastifyInstance): Promise<void> {
  await pages.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // TLS may end at a proxy, and a name may serve other things too: whoever runs that decides.
    strictTransportSecurity: false,
  });
  pages.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}
