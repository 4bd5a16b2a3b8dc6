import type { Log } from '@pce/shared/ports/log';
import type { FastifyError, FastifyInstance } from 'fastify';

/**
 * What nobody expected is logged, by the route and not by its address, and answered with 500 without a word of it: the
 * words of a library may say more than the caller should know. Errors that come with a status are answered as they are.
 */
export function logFailedRequests(app: FastifyInstance, log: Log): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error.statusCode !== undefined || reply.statusCode >= 400) return reply.send(error);
    const { method, routeOptions } = request;
    // Who has gone is answered by nobody, and what fails for want of them is no failure.
    if (request.raw.socket?.destroyed) return reply.code(500).send({});
    log('error', 'request-failed', { method, route: routeOptions.url, error: `${error.name}: ${error.message}` });
    return reply.code(500).send({ message: 'the service could not answer: its log says why' });
  });
}
