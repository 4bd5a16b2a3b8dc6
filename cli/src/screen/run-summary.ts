import { RESEARCH_NOTICE } from '../tables/table-row.js';
import type { RunManifest } from './run-manifest.js';
import { type RunTotals, studiesDone } from './run-totals.js';
import type { ScreenSummary } from './screen.js';

/** How the studies flowed through the run, as a STARD diagram shows it: every study found is in exactly one box. */
export interface StudyFlow {
  readonly received: number;
  /** Of a kind this software does not read. */
  readonly notApplicable: FlowExclusion;
  /** Of a kind it reads, but that could not be judged. */
  readonly notAnalysable: FlowExclusion;
  readonly notReached: number;
  readonly analysed: number;
  readonly present: number;
  readonly undetermined: number;
  readonly absent: number;
}

export interface FlowExclusion {
  readonly studies: number;
  /** By reason code. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** The content of summary.json. No time is in it: two runs with the same settings over the same images give the same. */
export function runSummary(
  { totals, wasInterrupted }: Pick<ScreenSummary, 'totals' | 'wasInterrupted'>,
  manifest: RunManifest,
) {
  return {
    summaryVersion: 1,
    notice: RESEARCH_NOTICE,
    software: { pce: manifest.productVersion, node: process.versions.node },
    algorithm: manifest.algorithm,
    sources: manifest.sources,
    shard: manifest.shard,
    formats: manifest.formats,
    wasInterrupted,
    files: totals.files,
    instances: totals.instances,
    reports: totals.reports,
    flow: studyFlow(totals),
    /** By severity and code. */
    problems: totals.problemCodes,
  };
}

/** Source: STARD 2015 item 19, doi:10.1136/bmj.h5527. */
export function studyFlow(totals: RunTotals): StudyFlow {
  const { outcomes } = totals;
  return {
    received: totals.studies,
    notApplicable: { studies: outcomes['not-applicable'], reasons: reasonsOf(totals, 'not-applicable') },
    notAnalysable: { studies: outcomes['not-analysable'], reasons: reasonsOf(totals, 'not-analysable') },
    notReached: totals.studies - studiesDone(totals),
    analysed: outcomes.present + outcomes.undetermined + outcomes.absent,
    present: outcomes.present,
    undetermined: outcomes.undetermined,
    absent: outcomes.absent,
  };
}

function reasonsOf({ reasons }: RunTotals, outcome: string): Record<string, number> {
  const own = Object.entries(reasons).filter(([key]) => key.startsWith(`${outcome} `));
  return Object.fromEntries(own.map(([key, count]) => [key.slice(outcome.length + 1), count]));
}
