import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { sampleStudy } from '@pce/test-support/sample-study';
import { afterEach, describe, expect, it } from 'vitest';
import { type CountingReceiver, startCountingReceiver } from './counting-receiver.js';
import { recordStudy, startTestReporter, type TestReporter } from './test-reporter.js';

let reporter: TestReporter | null = null;
let server: Server | null = null;
let receiver: CountingReceiver | null = null;
afterEach(async () => {
  await reporter?.end();
  await receiver?.scp.close(0);
  server?.closeAllConnections();
  server?.close();
  reporter = null;
  receiver = null;
  server = null;
});

const QUICK = 'retry: { firstDelaySeconds: 0.05, longestDelaySeconds: 0.1 }, breaker: { failures: 100 }';

/** A web server that has what came, and answers the n-th request as a test says. */
async function startWeb(answer: (count: number, body: Buffer, response: ServerResponse) => void): Promise<number> {
  let count = 0;
  server = createServer(async (request: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    count += 1;
    answer(count, Buffer.concat(parts), response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

const LOGIN_PAGE = '<html><body>Please log in</body></html>';
const page = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end(LOGIN_PAGE);

/** A STOW-RS answer: objects that came in a request, with the failure reason of each that fails. */
function stowAnswer(response: ServerResponse, uids: readonly string[], reasons: Record<string, number> = {}): void {
  const item = (uid: string) => ({ '00081155': { vr: 'UI', Value: [uid] } });
  const isFailed = (uid: string) => reasons[uid] !== undefined;
  const failed = uids.filter(isFailed).map((uid) => ({
    ...item(uid),
    '00081197': { vr: 'US', Value: [reasons[uid]] },
  }));
  const stored = uids.filter((uid) => !isFailed(uid)).map(item);
  const body = {
    ...(stored.length > 0 ? { '00081199': { vr: 'SQ', Value: stored } } : {}),
    ...(failed.length > 0 ? { '00081198': { vr: 'SQ', Value: failed } } : {}),
  };
  response
    .writeHead(failed.length === 0 ? 200 : 202, { 'content-type': 'application/dicom+json' })
    .end(JSON.stringify(body));
}

/** Media Storage SOP Instance UID, up to its length. */
const MEDIA_STORAGE_UID = Buffer.from([0x02, 0x00, 0x03, 0x00, 0x55, 0x49]);

/** SOP Instance UIDs of the files in a STOW-RS request, from their File Meta Information. */
function uidsIn(body: Buffer): string[] {
  const uids: string[] = [];
  for (let at = body.indexOf(MEDIA_STORAGE_UID); at >= 0; at = body.indexOf(MEDIA_STORAGE_UID, at + 1)) {
    const value = at + MEDIA_STORAGE_UID.length + 2;
    uids.push(body.toString('latin1', value, value + body.readUInt16LE(value - 2)).replace(/\0$/, ''));
  }
  return uids;
}

async function report(yaml: string | ((folder: string) => Promise<string>), destinations: string[] = []) {
  reporter = await startTestReporter(yaml);
  const resultId = await recordStudy(reporter, sampleStudy('ct-positive', 1), destinations);
  await reporter.sweep();
  return resultId;
}

const find = async (resultId: string) =>
  (await reporter!.ledger.deliveries.searchDeliveries({ resultId }, 1, 0))[0] ?? null;
const settled = async (resultId: string) => {
  await expect.poll(async () => (await find(resultId))?.settledAt ?? null, { timeout: 20_000 }).not.toBeNull();
  const delivery = (await find(resultId))!;
  const attempts = await reporter!.ledger.deliveries.attempts(delivery.deliveryId);
  const objects = delivery.objects.map(({ state, status }) => [state, status]);
  return { delivery, objects, outcomes: attempts.map(({ outcome }) => outcome) };
};
const toStow = (port: number, more = '') =>
  `destinations: [{ name: web, objects: [sr], stow: { url: 'http://127.0.0.1:${port}' }, ${QUICK}${more} }]`;

describe('STOW-RS', () => {
  it('sends again what a server has no room for now', async () => {
    const port = await startWeb((count, body, response) => {
      const uids = uidsIn(body);
      stowAnswer(response, uids, count === 1 ? { [uids[0]!]: 0xa700 } : {});
    });
    const { objects, outcomes } = await settled(await report(toStow(port)));
    expect(outcomes).toEqual(['retry', 'delivered']);
    expect(objects).toEqual([
      ['acknowledged', 200],
      ['reserve', null],
    ]);
  });

  it('does not take the page of a proxy for an answer', async () => {
    const port = await startWeb((count, body, response) =>
      count === 1 ? page(response) : stowAnswer(response, uidsIn(body)),
    );
    expect((await settled(await report(toStow(port)))).outcomes).toEqual(['retry', 'delivered']);
  });

  it('takes an empty success for what it says', async () => {
    const port = await startWeb((_count, _body, response) => response.writeHead(200).end());
    expect((await settled(await report(toStow(port)))).outcomes).toEqual(['delivered']);
  });

  it('tries the refused class and its fallback again when the fallback got no answer', async () => {
    const came: string[][] = [];
    const port = await startWeb((count, body, response) => {
      const uids = uidsIn(body);
      came.push(uids);
      if (count === 2) response.destroy();
      else stowAnswer(response, uids, count % 2 === 1 ? { [uids[0]!]: 0x0122 } : {});
    });
    const { objects, outcomes } = await settled(await report(toStow(port)));
    expect(outcomes).toEqual(['retry', 'delivered']);
    expect(objects).toEqual([
      ['replaced', 0x0122],
      ['acknowledged', 200],
    ]);
    expect(came).toEqual([came[0], came[1], came[0], came[1]]);
  });
});

describe('C-STORE', () => {
  it('tries the refused class and its fallback again when there is no room for the fallback now', async () => {
    receiver = await startCountingReceiver({
      takesClass: (uid) => uid !== '1.2.840.10008.5.1.4.1.1.88.34',
      status: (count) => (count === 1 ? 0xa700 : 0),
    });
    const { port } = receiver;
    const resultId = await report(
      `destinations: [{ name: pacs, objects: [sr], cStore: { host: 127.0.0.1, port: ${port}, aeTitle: ANY }, ${QUICK} }]`,
    );
    const { objects, outcomes } = await settled(resultId);
    expect(outcomes).toEqual(['retry', 'delivered']);
    expect(objects).toEqual([
      ['replaced', 0x0122],
      ['acknowledged', 0],
    ]);
  });
});

describe('FHIR', () => {
  it('does not take another success for a transaction', async () => {
    const port = await startWeb((count, body, response) => {
      const { entry } = JSON.parse(body.toString('utf8')) as { entry: unknown[] };
      const answer = { entry: entry.map(() => ({ response: { status: '201' } })) };
      if (count === 1) page(response);
      else response.writeHead(200).end(JSON.stringify(count === 2 ? {} : answer));
    });
    const resultId = await report(`destinations: [{ name: ehr, fhir: { url: 'http://127.0.0.1:${port}' }, ${QUICK} }]`);
    expect((await settled(resultId)).outcomes).toEqual(['retry', 'retry', 'delivered']);
  });
});

describe('a fault on our side', () => {
  it('such as a missing secret is waited out as long as a receiver that does not answer', async () => {
    const port = await startWeb((_count, _body, response) => response.writeHead(204).end());
    const resultId = await report(
      `destinations: [{ name: hook, webhook: { url: 'http://127.0.0.1:${port}', secretFile: FOLDER/secret },
        retry: { firstDelaySeconds: 0.02, longestDelaySeconds: 0.05, maxAttempts: 1 }, breaker: { failures: 100 } }]`,
    );
    await expect.poll(async () => (await find(resultId))?.attempts ?? 0, { timeout: 20_000 }).toBeGreaterThan(2);
    await writeFile(join(reporter!.folder, 'secret'), 'between us');
    const { delivery, outcomes } = await settled(resultId);
    expect([delivery.state, outcomes[0], outcomes.at(-1)]).toEqual(['delivered', 'retry', 'delivered']);
  });

  it('such as a report that cannot be made is tried for as long as it lasts', async () => {
    const resultId = await report('destinations: []', ['outbox']);
    await settled(resultId);
    const study = sampleStudy('ct-negative', 2);
    const second = await recordStudy(reporter!, study, ['outbox']);
    const trouble = { resultId: second, attempts: 50, failure: 'disk full', retryAt: new Date(0) };
    await reporter!.ledger.deliveries.noteReportTrouble(trouble);
    await reporter!.sweep();
    expect((await settled(second)).delivery.state).toBe('delivered');
    expect(await reporter!.ledger.deliveries.reportTroubles()).toEqual([]);
  });

  it('such as a rule that names nobody is on record, and can be put right', async () => {
    const resultId = await report('destinations: [{ name: out, folder: { path: FOLDER/out } }]', ['gone']);
    const { delivery } = await settled(resultId);
    expect([delivery.destination, delivery.state, delivery.reason]).toEqual([
      'gone',
      'failed',
      'no destination had this name when the result was reported',
    ]);
    const [made] = await reporter!.ledger.deliveries.objectsOfResult(resultId);
    expect(delivery.objects.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([made!.sopInstanceUid]);
    expect(made!.kind).toBe('sr');
  });

  it('such as a destination that became one of messages sends no empty one', async () => {
    const resultId = await report(
      `destinations: [{ name: ris, hl7: { host: 127.0.0.1, port: 9, message: priority }, only: positives }]`,
      ['ris'],
    );
    await settled(resultId);
    const { deliveries } = reporter!.ledger;
    const second = await recordStudy(reporter!, sampleStudy('ct-negative', 2), ['ris']);
    await deliveries.recordReport(
      second,
      [],
      [{ destination: 'ris', objects: [], fallbacks: {}, message: null, skipped: null }],
      new Date(),
    );
    await reporter!.signal('ris');
    const { delivery } = await settled(second);
    expect([delivery.state, delivery.reason]).toEqual([
      'failed',
      'no message was made for this destination when the result was reported',
    ]);
  });
});
