import type { PriorSourceConfig } from '../../config-schema.js';
import type { PriorArchive } from '../../core/prior-archive.js';
import { askOverDimse } from './ask-over-dimse.js';
import { askOverWeb } from './ask-over-web.js';

/** Looks something up in an archive, and lets go of it. */
export type AskArchive = <Found>(
  look: (archive: PriorArchive) => Promise<Found>,
  signal: AbortSignal,
) => Promise<Found>;

/** An archive that may have earlier reports. */
export interface PriorSource {
  name: string;
  timeoutMs: number;
  ask: AskArchive;
}

/** The archive that settings describe. `reporterContradictions` has seen to it that it is reached in one way. */
export function makePriorSource(config: PriorSourceConfig, aeTitle: string): PriorSource {
  const { name, dicomweb, dimse } = config;
  const timeoutMs = config.timeoutSeconds * 1000;
  const ask: AskArchive = dimse
    ? (look, signal) =>
        askOverDimse({ ...dimse, callingAeTitle: dimse.callingAeTitle ?? aeTitle, timeoutMs }, look, signal)
    : (look, signal) => askOverWeb({ ...dicomweb!, timeoutMs }, look, signal);
  return { name, timeoutMs, ask };
}
