import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceIdentity } from '@pce/reporter/core/report-context';
import type { OutputFolder } from '../../output/output-folder.js';
import type { RunManifest } from '../run-manifest.js';
import type { StudyScreener } from '../study-screener.js';
import { openScreenQueue } from './screen-queue.js';
import { StudyPlans } from './study-plan.js';

/** Studies before the workers at a time: enough for many, little on disk when they are fetched. [design] */
const DEFAULT_LANES = 32;
const LOOK_MS = 300;
/** A job is put in again so often, should the server have lost it. [design] */
const REPEAT_MS = 30_000;

export interface QueueScreenerOptions {
  readonly url: string;
  /** Studies before the workers at a time. @default 32 */
  readonly jobs?: number | undefined;
  readonly manifest: RunManifest;
  readonly device: DeviceIdentity;
  serverFailed(error: Error): void;
}

/** Has studies analysed by `pce screen-worker` processes that share the paths of images and output folder. */
export function queueScreener(output: OutputFolder, options: QueueScreenerOptions): StudyScreener {
  const { manifest, device } = options;
  const queue = openScreenQueue(options.url, options.serverFailed);
  const plans = new StudyPlans(output.workFolder);
  const waitFor = async (studyInstanceUid: string, signal: AbortSignal): Promise<void> => {
    for (let waitedMs = 0; (await plans.find(studyInstanceUid)) !== null; waitedMs += LOOK_MS) {
      signal.throwIfAborted();
      const failure = await plans.failure(studyInstanceUid);
      if (failure !== null) throw new Error(failure);
      if (waitedMs % REPEAT_MS === 0) await queue.add({ contractVersion: 1, out: output.path, studyInstanceUid });
      await sleep(LOOK_MS, undefined, { signal });
    }
  };
  return {
    lanes: options.jobs ?? DEFAULT_LANES,
    screen: async ({ studyInstanceUid, inputDigest, fetch }, signal) => {
      const { release, ...fetched } = await fetch(signal);
      try {
        await plans.add(studyInstanceUid, { manifest, device, inputDigest, fetched });
        await waitFor(studyInstanceUid, signal);
        return await output.records.load(studyInstanceUid);
      } finally {
        await plans.remove(studyInstanceUid);
        await release();
      }
    },
    close: () => queue.close(),
  };
}
