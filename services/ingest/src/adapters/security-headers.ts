import type { FastifyInstance } from 'fastify';

/** What every answer says to browsers unless it says otherwise itself: nothing may be loaded, framed or guessed. */
const HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** How long browsers keep to TLS for our name: one year, as is usual. Source: RFC 6797. */
const TRANSPORT_SECONDS = 31_536_000;

/**
 * Adds headers that keep browsers out of trouble to every answer, errors too.
 *
 * @param staysOnTls whether browsers are told to reach our name by TLS only
 */
export function addSecurityHeaders(app: FastifyInstance, staysOnTls: boolean): void {
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value);
    }
    if (staysOnTls) reply.header('strict-transport-security', `max-age=${TRANSPORT_SECONDS}`);
  });
}
