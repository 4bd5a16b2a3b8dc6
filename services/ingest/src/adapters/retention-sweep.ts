import type { Clock } from '@pce/shared/ports/clock';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { Ledger } from '@pce/shared/ports/ledger';
import type { Log } from '@pce/shared/ports/log';
import { removableImages } from '../core/retention.js';

export interface RetentionOptions {
  store: InstanceStore;
  ledger: Ledger;
  clock: Clock;
  imageDays: number;
  log: Log;
}

const HOUR_MS = 60 * 60 * 1000;

/** Removes the images whose time is over, now and every hour. */
export function startRetention(options: RetentionOptions): { stop(): Promise<void> } {
  const sweep = () =>
    sweepImages(options).then(
      (count) => options.log('info', 'retention', { removedImages: count }),
      (error: Error) => options.log('error', 'retention-failed', { message: error.message }),
    );
  let running = sweep();
  const timer = setInterval(() => {
    running = sweep();
  }, HOUR_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return running;
    },
  };
}

/** One round; gives the number of images removed. */
export async function sweepImages(options: Omit<RetentionOptions, 'log'>): Promise<number> {
  const { store, ledger, clock, imageDays } = options;
  let count = 0;
  for (const study of await ledger.processedStudies()) {
    const [instances, analyses] = [await ledger.instancesOfStudy(study), await ledger.analysesOfStudy(study)];
    for (const instance of removableImages(instances, analyses, imageDays, clock.now())) {
      // On record first: what is on record as held has its bytes, whenever the power goes.
      await ledger.markRemoved(instance, clock.now());
      await store.remove(instance);
      count += 1;
    }
  }
  return count;
}
