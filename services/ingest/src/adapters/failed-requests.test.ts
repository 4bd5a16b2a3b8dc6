import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { logFailedRequests } from './failed-requests.js';

it('logs what nobody expected and keeps its words from the caller, and answers other errors as they are', async () => {
  const lines: unknown[] = [];
  const app = Fastify();
  logFailedRequests(app, (...line) => lines.push(line));
  app.get('/broken/:patient', () => {
    throw new TypeError('words of a library');
  });
  app.get('/refused', async (_request, reply) => {
    reply.code(409);
    throw new Error('expected another state');
  });
  app.post('/typed', { schema: { body: { type: 'object' } } }, () => ({}));

  const broken = await app.inject('/broken/rita');
  expect([broken.statusCode, broken.json()]).toEqual([500, { message: expect.stringMatching(/could not answer/) }]);
  expect(lines).toEqual([
    ['error', 'request-failed', { method: 'GET', route: '/broken/:patient', error: 'TypeError: words of a library' }],
  ]);
  const refused = await app.inject('/refused');
  expect([refused.statusCode, refused.json().message]).toEqual([409, 'expected another state']);
  expect((await app.inject({ method: 'POST', url: '/typed', payload: '{' })).statusCode).toBe(415);
  const untyped = await app.inject({ method: 'POST', url: '/typed', payload: [1] });
  expect([untyped.statusCode, untyped.json().message]).toEqual([400, 'body must be object']);
  expect(lines).toHaveLength(1);
});
