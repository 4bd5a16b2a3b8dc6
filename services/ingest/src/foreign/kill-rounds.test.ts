import { requireTool } from '@pce/test-support/foreign-tool';
import { expect, it } from 'vitest';
import { runKillRounds } from './kill-rounds.js';

/** A few rounds always; PCE_KILL_ROUNDS=200 for the campaign. */
const ROUNDS = Number(process.env.PCE_KILL_ROUNDS ?? 4);

it(
  'killed at random moments, loses nothing it acknowledged and shows nothing half-written',
  async (test) => {
    requireTool('storescu', test.skip);
    const outcome = await runKillRounds(ROUNDS, Math.random);
    console.info(JSON.stringify(outcome));
    expect(outcome.faults).toEqual([]);
    expect(outcome.recorded).toBeGreaterThanOrEqual(outcome.acknowledged);
  },
  ROUNDS * 20_000,
);
