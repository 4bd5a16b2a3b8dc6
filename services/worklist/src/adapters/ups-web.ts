import type {} from '@fastify/swagger';
import type { FastifyReply, RouteShorthandOptions } from 'fastify';

export const WORK_ITEMS_BASE = '/workitems';

/** Parts of addresses of work items and of subscriptions. */
export interface UpsParameters {
  uid: string;
  aeTitle: string;
}

/** The role a caller needs is checked by whoever made the server. */
export function needs(role: 'store' | 'read', summary: string): RouteShorthandOptions {
  return { config: { role }, schema: { summary, tags: ['work items (UPS-RS)'] } } as RouteShorthandOptions;
}

export function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return warn(reply.code(status), message).send({ message });
}

/** Source: PS3.18 section 11.1.3: why something was not done is in a Warning header. */
export function warn(reply: FastifyReply, message: string): FastifyReply {
  return reply.header('warning', `299 PCE: ${message}`);
}
