import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { sampleStudy } from '@pce/test-support/sample-study';
import { afterEach, expect, it } from 'vitest';
import { type CountingReceiver, startCountingReceiver } from './counting-receiver.js';
import { recordStudy, startTestReporter, type TestReporter } from './test-reporter.js';

let reporter: TestReporter | null = null;
let receivers: CountingReceiver[] = [];
afterEach(async () => {
  await reporter?.end();
  for (const { scp } of receivers) await scp.close(0);
  reporter = null;
  receivers = [];
});

const RESULTS = Number(process.env.PCE_LANE_RESULTS ?? 8);
const HEALTHY = ['north', 'east', 'south'];

/** A server that takes connections and never says a word: worse than one that is not there. */
async function startBlackHole() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port, close };
}

const destination = (name: string, port: number) =>
  `- { name: ${name}, objects: [sr], cStore: { host: 127.0.0.1, port: ${port}, aeTitle: ANY }, timeoutSeconds: 1,
       retry: { firstDelaySeconds: 0.1, longestDelaySeconds: 0.2 }, breaker: { failures: 2, pauseSeconds: 0.5 } }`;

/** Delivers results to three healthy destinations and a fourth; gives the mean time each took, in ms. */
async function meanLatencyMs(fourthPort: number): Promise<number> {
  const ports = [...receivers.slice(0, 3).map(({ port }) => port), fourthPort];
  const names = [...HEALTHY, 'west'];
  reporter = await startTestReporter(
    `destinations:\n  ${names.map((name, index) => destination(name, ports[index]!)).join('\n  ')}`,
  );
  const { deliveries } = reporter.ledger;
  let totalMs = 0;
  for (let seed = 1; seed <= RESULTS; seed += 1) {
    const begin = performance.now();
    const resultId = await recordStudy(reporter, sampleStudy('ct-negative', seed));
    await reporter.sweep();
    const isThere = async () => {
      const found = await deliveries.searchDeliveries({ resultId, states: ['delivered'] }, 4, 0);
      return HEALTHY.every((name) => found.some((delivery) => delivery.destination === name));
    };
    while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 1));
    totalMs += performance.now() - begin;
  }
  return totalMs / RESULTS;
}

it('one dead destination of four delays no other, and gets its backlog in order when it is back', async () => {
  for (let index = 0; index < 4; index += 1) receivers.push(await startCountingReceiver());
  const warmMs = await meanLatencyMs(receivers[3]!.port);
  await reporter!.end();
  const allWellMs = await meanLatencyMs(receivers[3]!.port);
  await reporter!.end();
  const blackHole = await startBlackHole();
  const oneDeadMs = await meanLatencyMs(blackHole.port);
  const { deliveries } = reporter!.ledger;
  const ratio = (oneDeadMs / allWellMs).toFixed(2);
  console.info(
    `${RESULTS} results, mean ms until three destinations have one: all well ${allWellMs.toFixed(1)} (first run ` +
      `${warmMs.toFixed(1)}), fourth dead ${oneDeadMs.toFixed(1)}, ratio ${ratio}`,
  );
  const waiting = await deliveries.searchDeliveries({ destination: 'west' }, RESULTS, 0);
  expect(waiting.map(({ state }) => state)).toEqual(Array.from({ length: RESULTS }, () => 'waiting'));
  await expect.poll(async () => (await deliveries.lane('west')).pausedUntil, { timeout: 20_000 }).not.toBeNull();
  // Only the head of the queue was tried: the others wait behind it.
  expect(waiting.filter(({ attempts }) => attempts > 0)).toHaveLength(1);
  await blackHole.close();
  const back = await startCountingReceiver({ port: blackHole.port });
  receivers.push(back);
  await expect
    .poll(async () => (await deliveries.lanes()).find((lane) => lane.destination === 'west')?.counts.delivered, {
      timeout: 30_000,
    })
    .toBe(RESULTS);
  const inOrder = waiting.sort((left, right) => left.sequence - right.sequence).map(({ objects }) => objects[0]!);
  expect(back.order).toEqual(inOrder.map(({ sopInstanceUid }) => sopInstanceUid));
  expect(await deliveries.lane('west')).toMatchObject({ failures: 0, pausedUntil: null });
});
