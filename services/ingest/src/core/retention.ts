import type { LedgerAnalysis, LedgerInstance } from '@pce/shared/ports/ledger';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The images of a study that may be removed: only when every analysis asked for is done or superseded, at least one
 * is done, and all images are older than the time to keep. Results of ours stay. Nothing unprocessed is ever removed.
 */
export function removableImages(
  instances: readonly LedgerInstance[],
  analyses: readonly LedgerAnalysis[],
  imageDays: number,
  now: Date,
): LedgerInstance[] {
  const isSettled = analyses.every(({ state }) => state === 'done' || state === 'superseded');
  const isProcessed = isSettled && analyses.some(({ state }) => state === 'done');
  const images = instances.filter((instance) => !instance.isOwnResult);
  const lastArrival = Math.max(...images.map((instance) => instance.receivedAt.getTime()));
  const lastRequest = Math.max(...analyses.map((analysis) => analysis.requestedAt.getTime()));
  const isCovered = lastRequest >= lastArrival;
  return isProcessed && isCovered && now.getTime() - lastArrival > imageDays * DAY_MS ? images : [];
}
