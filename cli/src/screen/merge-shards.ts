import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../exit-codes.js';
import { OutputFolder, WORK_FOLDER } from '../output/output-folder.js';
import { readRunState } from '../output/run-journal.js';
import { manifestDifferences, type RunState } from './run-manifest.js';
import { digestOf, type StudyDigest, TotalsCounter } from './run-totals.js';
import { byCodeUnit } from './scan-inputs.js';
import { type ScreenSummary, writeOutputs } from './screen.js';

interface ShardRun {
  readonly folder: string;
  readonly state: RunState;
}

/**
 * Puts the output folders of all shards of a run together: the tables are those of one run over everything.
 *
 * @throws UsageError when a shard is missing, unfinished, there twice or of another run
 */
export async function mergeShards(folders: readonly string[], out: string): Promise<ScreenSummary> {
  const shards = await readShards(folders);
  const manifest = { ...shards[0]!.state.manifest, shard: null };
  const output = await OutputFolder.open(out, { manifest, resume: false });
  try {
    const counter = new TotalsCounter();
    await mergeListingProblems(shards, output, counter);
    const studies: StudyDigest[] = [];
    for (const { folder } of shards) {
      for (const digest of await takeStudies(folder, output)) {
        counter.addStudy(digest);
        studies.push(digest);
      }
    }
    studies.sort((a, b) => byCodeUnit(a.studyInstanceUid, b.studyInstanceUid));
    const found = { files: 0, instances: 0, studies: 0 };
    for (const { state } of shards) {
      for (const key of ['files', 'instances', 'studies'] as const) found[key] += state.found![key];
    }
    const summary = { totals: counter.totals(found), studies, wasInterrupted: false, output };
    await writeOutputs(summary, manifest);
    return summary;
  } finally {
    output.close();
  }
}

async function readShards(folders: readonly string[]): Promise<ShardRun[]> {
  const shards: ShardRun[] = [];
  for (const folder of folders) {
    const state = await readRunState(join(folder, WORK_FOLDER));
    if (!state?.manifest.shard) throw new UsageError('DIR', 'the output folder of pce screen --shard', folder);
    if (state.found === null) throw new UsageError('DIR', 'a shard that is through', `${folder}, which is not`);
    shards.push({ folder, state });
  }
  const [first] = shards;
  const count = first?.state.manifest.shard?.count ?? 0;
  const indices = shards.map(({ state }) => state.manifest.shard!.index).sort((a, b) => a - b);
  if (indices.length !== count || indices.some((index, n) => index !== n + 1)) {
    throw new UsageError('DIR', `each of ${count} shards once`, `shards ${indices.join(', ')}`);
  }
  for (const { folder, state } of shards) {
    const differences = manifestDifferences({ ...first!.state.manifest, shard: state.manifest.shard }, state.manifest);
    if (differences.length > 0) throw new UsageError(folder, 'a shard of the same run', differences.join(', '));
  }
  return shards;
}

async function mergeListingProblems(shards: readonly ShardRun[], output: OutputFolder, counter: TotalsCounter) {
  const found = [];
  for (const { folder, state } of shards) {
    const shard = await OutputFolder.join(folder, new Set(state.manifest.formats));
    for await (const problem of shard.listingProblems.read()) found.push(problem);
  }
  await output.listingProblems.clear();
  for (const { problem, number } of found.sort((a, b) => a.number - b.number)) {
    counter.addProblem(problem);
    await output.listingProblems.add(problem, number);
  }
}

/** Copies records, pictures and reports. */
async function takeStudies(folder: string, output: OutputFolder): Promise<StudyDigest[]> {
  const shard = await OutputFolder.join(folder, output.formats);
  const digests: StudyDigest[] = [];
  for (const studyInstanceUid of await shard.studies()) {
    const record = await output.records.copyFrom(shard.records, studyInstanceUid);
    const report = record.reportSopInstanceUid;
    if (report !== null) {
      const path = OutputFolder.reportPath(studyInstanceUid, report);
      await output.writeReport(studyInstanceUid, report, await fs.readFile(join(shard.path, path)));
    }
    digests.push(digestOf(record));
  }
  return digests;
}
