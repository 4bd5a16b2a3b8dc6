/** A service that can look through the ledger and put what is pending into the queue. */
export interface Sweepable {
  name: string;
  sweep: () => Promise<unknown>;
}

/**
 * Sweeps at once and then again and again, one round at a time. A round that fails is told and tried again with the next.
 *
 * @returns ends it; settles when the round under way is over
 */
export function startSweeps(
  parts: readonly Sweepable[],
  intervalMs: number,
  failed: (name: string, error: Error) => void,
): () => Promise<void> {
  let running: Promise<unknown> | null = null;
  const round = async () => {
    for (const { name, sweep } of parts) await sweep().catch((error: Error) => failed(name, error));
  };
  const begin = () => {
    running ??= round().finally(() => {
      running = null;
    });
  };
  begin();
  const timer = setInterval(begin, intervalMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
