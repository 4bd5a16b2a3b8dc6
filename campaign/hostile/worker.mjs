// Feeds inputs of one kind to the reader they are for, one after the other, and says how it went. See campaign.mjs.
import { parentPort, workerData } from 'node:worker_threads';
import { fileTargets } from './file-targets.mjs';
import { imageSeeds } from './image-seeds.mjs';
import { imageTargets } from './image-targets.mjs';
import { networkTargets } from './network-targets.mjs';
import { plantedTargets } from './planted-targets.mjs';
import { randomFrom } from './random.mjs';
import { studyTargets } from './study-targets.mjs';

const { seed, imageFolder, progress, settleEvery, withPlanted } = workerData;
const place = new Int32Array(progress);
const targets = {
  ...imageTargets(await imageSeeds(imageFolder)),
  ...studyTargets(),
  ...networkTargets(),
  ...fileTargets(),
  ...(withPlanted ? plantedTargets() : {}),
};
let broken = null;
// What is thrown outside of any call would end the service.
process.on('uncaughtException', (error) => {
  broken = error;
});
process.on('unhandledRejection', (error) => {
  broken = error;
});

/** Runs inputs `from` to `to` of a kind; gives counts and faults. */
async function runBatch({ kind, from, to }) {
  const { expected, make, read } = targets[kind];
  const counts = { kind, read: 0, refused: 0, slowestMs: 0, busyMs: 0, faults: [] };
  for (let index = from; index < to; index += 1) {
    const input = make(randomFrom(`${seed} ${kind} ${index}`));
    Atomics.store(place, 0, index);
    Atomics.add(place, 1, 1);
    const start = performance.now();
    let fault = null;
    try {
      await read(input);
      counts.read += 1;
    } catch (error) {
      if (expected.includes(error?.name)) counts.refused += 1;
      else fault = `${error?.stack ?? error}`;
    }
    if (index % settleEvery === 0) await new Promise((resolve) => setImmediate(resolve));
    if (broken !== null) fault = `outside of the call: ${broken.stack ?? broken}`;
    broken = null;
    if (fault !== null) counts.faults.push({ index, fault: fault.slice(0, 1500) });
    const tookMs = performance.now() - start;
    counts.slowestMs = Math.max(counts.slowestMs, tookMs);
    counts.busyMs += tookMs;
  }
  return counts;
}

parentPort.on('message', async (batch) => parentPort.postMessage(await runBatch(batch)));
parentPort.postMessage({ kinds: Object.keys(targets) });
