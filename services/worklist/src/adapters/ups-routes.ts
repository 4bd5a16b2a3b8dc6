import { randomUUID } from 'node:crypto';
import type {} from '@fastify/swagger';
import websocket from '@fastify/websocket';
import type { DicomJsonDataset, WorkItem } from '@pce/shared/ports/work-item-ledger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { textOf, UPS } from '../core/ups-attributes.js';
import { parseUpsQuery } from '../core/ups-query.js';
import { changeState, requestCancellation, updateWorkItem } from '../core/ups-state.js';
import { addUpsSubscriptionRoutes } from './ups-subscription-routes.js';
import { needs, refuse, type UpsParameters, WORK_ITEMS_BASE, warn } from './ups-web.js';
import type { ChangeOutcome, WorkItems } from './work-items.js';

const DICOM_JSON = 'application/dicom+json';
const UID = /^(?=.{1,64}$)\d+(\.\d+)*$/;
/** Work items in one answer. [design] */
const MAX_RESULTS = 1000;

export interface UpsRoutesOptions {
  workItems: WorkItems;
  /** DICOM date and time (DT) of now. */
  now: () => string;
}

/**
 * UPS-RS: tasks for readers and from task managers. The server's own check of API keys and tokens applies.
 * Source: PS3.18 section 11.
 */
export async function addUpsRoutes(app: FastifyInstance, options: UpsRoutesOptions): Promise<void> {
  await app.register(websocket);
  await app.register(async (scope) => {
    scope.addContentTypeParser([DICOM_JSON, 'application/json'], { parseAs: 'string' }, (_request, text, done) => {
      try {
        done(null, text === '' ? [] : JSON.parse(text as string));
      } catch {
        done(Object.assign(new Error('the body: expected JSON; received something else'), { statusCode: 400 }));
      }
    });
    addItemRoutes(scope, options);
    addUpsSubscriptionRoutes(scope, options.workItems);
  });
}

function addItemRoutes(app: FastifyInstance, { workItems, now }: UpsRoutesOptions): void {
  app.post(WORK_ITEMS_BASE, needs('store', 'Create a work item'), async (request, reply) => {
    const dataset = datasetOf(request);
    const uid = soleParameter(request, 'workitem') || textOf(dataset, UPS.sopInstanceUid) || newUid();
    if (!UID.test(uid)) return refuse(reply, 400, 'workitem: expected a UID');
    const outcome = await workItems.create(uid, dataset);
    if (outcome.kind === 'changed') {
      const address = `${request.protocol}://${request.host}${WORK_ITEMS_BASE}/${uid}`;
      return reply.code(201).header('location', address).header('content-location', address).send();
    }
    return answer(reply, outcome);
  });
  app.get(WORK_ITEMS_BASE, needs('read', 'Search for work items'), async (request, reply) => {
    const parsed = parseUpsQuery(request.query as Record<string, string>, MAX_RESULTS);
    if (parsed.kind === 'invalid') return refuse(reply, 400, parsed.message);
    const { query } = parsed;
    const found = await workItems.ledger.search(query.matches, query.limit + 1, query.offset);
    const page = found.slice(0, query.limit).map(({ attributes }) => attributes);
    // Source: PS3.18 section 8.3.4.4.
    if (found.length > page.length) warn(reply, `there are more; ask with offset=${query.offset + query.limit}`);
    return page.length === 0 ? reply.code(204).send() : sendJson(reply, page);
  });
  app.get(`${WORK_ITEMS_BASE}/:uid`, needs('read', 'Retrieve a work item'), async (request, reply) => {
    const item = await workItems.ledger.find((request.params as UpsParameters).uid);
    return item ? sendJson(reply, [item.attributes]) : refuse(reply, 404, 'there is no work item of that UID');
  });
  app.post(`${WORK_ITEMS_BASE}/:uid`, needs('store', 'Update a work item'), async (request, reply) => {
    const dataset = datasetOf(request);
    const transaction = soleParameter(request, 'transaction') || textOf(dataset, UPS.transactionUid);
    const decide = (item: WorkItem) => updateWorkItem(item, dataset, transaction);
    return answer(reply, await workItems.change((request.params as UpsParameters).uid, decide));
  });
  app.put(`${WORK_ITEMS_BASE}/:uid/state`, needs('store', 'Claim, complete or cancel'), async (request, reply) => {
    const dataset = datasetOf(request);
    const [state, transaction] = [textOf(dataset, UPS.state), textOf(dataset, UPS.transactionUid)];
    const decide = (item: WorkItem) => changeState(item, state, transaction);
    return answer(reply, await workItems.change((request.params as UpsParameters).uid, decide));
  });
  app.post(`${WORK_ITEMS_BASE}/:uid/cancelrequest`, needs('store', 'Ask to give up'), async (request, reply) => {
    const reason = textOf(datasetOf(request), UPS.reasonForCancellation);
    const decide = (item: WorkItem) => requestCancellation(item, reason, now());
    const outcome = await workItems.change((request.params as UpsParameters).uid, decide);
    return outcome.kind === 'changed' ? reply.code(202).send() : answer(reply, outcome);
  });
}

/** The data set in the body: PS3.18 has one in an array; a bare one is taken too. */
function datasetOf({ body }: FastifyRequest): DicomJsonDataset {
  const dataset = Array.isArray(body) ? body[0] : body;
  return typeof dataset === 'object' && dataset !== null ? (dataset as DicomJsonDataset) : {};
}

/** A parameter with its name, or as the whole query: `?1.2.3`, as earlier editions of PS3.18 have it. */
function soleParameter({ query }: FastifyRequest, name: string): string {
  const parameters = query as Record<string, string>;
  const [first] = Object.keys(parameters);
  return parameters[name] ?? (first !== undefined && parameters[first] === '' ? first : '');
}

function answer(reply: FastifyReply, outcome: ChangeOutcome) {
  switch (outcome.kind) {
    case 'changed':
      return reply.code(200).send();
    case 'unchanged':
      return warn(reply.code(200), outcome.message).send();
    case 'refused':
      return refuse(reply, outcome.status, outcome.message);
    case 'absent':
      return refuse(reply, 404, 'there is no work item of that UID');
    case 'exists':
      return refuse(reply, 409, 'there is a work item of that UID already');
  }
}

function sendJson(reply: FastifyReply, body: unknown) {
  return reply.type(DICOM_JSON).send(JSON.stringify(body));
}

/** Source: PS3.5 annex B.2. */
function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}
