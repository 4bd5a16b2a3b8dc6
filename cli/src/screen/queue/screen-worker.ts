import { AnalysisPool } from '@pce/detector/adapters/analysis-pool';
import { currentAlgorithm } from '@pce/detector/adapters/current-algorithm';
import { OutputFolder } from '../../output/output-folder.js';
import { manifestDifferences } from '../run-manifest.js';
import { screenStudy } from '../screen-study.js';
import { type ScreenJob, serveScreenQueue } from './screen-queue.js';
import { type StudyPlan, StudyPlans } from './study-plan.js';

export interface ScreenWorkerOptions {
  readonly url: string;
  /** Studies at a time. */
  readonly jobs: number;
  readonly productVersion: string;
  serverFailed(error: Error): void;
  /** Told of each study that is done. */
  done(studyInstanceUid: string): void;
}

/** Analyses studies that runs of `pce screen --queue` put before it, until closed. */
export function startScreenWorker(options: ScreenWorkerOptions): { close(): Promise<void> } {
  const pool = new AnalysisPool({ threads: options.jobs });
  const ending = new AbortController();
  const work = async ({ out, studyInstanceUid }: ScreenJob): Promise<void> => {
    const plans = new StudyPlans((await OutputFolder.join(out, new Set())).workFolder);
    const plan = await plans.find(studyInstanceUid);
    if (plan === null) return;
    const difference = await differenceTo(plan, options.productVersion);
    if (difference !== null) return plans.fail(studyInstanceUid, difference);
    const output = await OutputFolder.join(out, new Set(plan.manifest.formats));
    const { reportAbove } = plan.manifest.algorithm;
    const fetch = async () => ({ ...plan.fetched, release: async () => undefined });
    const sourced = { studyInstanceUid, inputDigest: plan.inputDigest, fetch };
    try {
      await screenStudy(sourced, { pool, output, reportAbove, device: plan.device, signal: ending.signal });
    } catch (error) {
      // Closed on the way: another worker takes it up. Anything else, such as a full disk, ends the run.
      if (ending.signal.aborted) throw error;
      return plans.fail(studyInstanceUid, error instanceof Error ? error.message : String(error));
    }
    await plans.remove(studyInstanceUid);
    options.done(studyInstanceUid);
  };
  const served = serveScreenQueue(options.url, options.jobs, work, options.serverFailed);
  return {
    close: async () => {
      await served.close();
      ending.abort(new Error('worker: closed'));
      await pool.close();
    },
  };
}

/** A worker of another version would give other rows. */
async function differenceTo({ manifest }: StudyPlan, productVersion: string): Promise<string | null> {
  const algorithm = await currentAlgorithm({ reportAbove: manifest.algorithm.reportAbove });
  const differences = manifestDifferences(manifest, { ...manifest, productVersion, algorithm });
  return differences.length === 0 ? null : `worker: expected the version of the run; ${differences.join(', ')}`;
}
