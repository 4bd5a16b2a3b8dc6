import { digestOf, type TotalsCounter } from './run-totals.js';
import type { Run } from './screen.js';
import type { StudyRecord } from './study-record.js';
import { NOT_FETCHED, type SourcedStudy } from './study-source.js';

/**
 * Takes each study to its record, several at a time; those that have one already are not done again.
 *
 * @returns how many were screened now
 */
export async function screenStudies(
  run: Run,
  studies: readonly SourcedStudy[],
  counter: TotalsCounter,
): Promise<number> {
  const { output, screener, progress } = run;
  // A failure of the run itself, such as a full disk, must stop every lane.
  const failure = new AbortController();
  const signal = AbortSignal.any([run.signal, failure.signal]);
  let done = 0;
  let reused = 0;
  const take = async (study: SourcedStudy): Promise<void> => {
    const kept = await isKept(run, study);
    if (!kept) {
      const record = await screener.screen(study, signal);
      await output.addRows(record);
      remember(run, study, record);
    } else {
      reused += 1;
    }
    done += 1;
    counter.addStudy(run.known.get(study.studyInstanceUid)!.digest);
  };
  const waiting = studies.values();
  const runLane = async (): Promise<void> => {
    for (const study of waiting) {
      if (signal.aborted) return;
      try {
        await take(study);
      } catch (error) {
        if (signal.aborted) return;
        failure.abort(error);
        throw error;
      }
      const { present, serious: problems } = counter;
      progress.studies({ done, total: studies.length, present, problems, reused });
    }
  };
  // Each lane takes the next study when it is done with one.
  await Promise.all(Array.from({ length: screener.lanes }, runLane));
  return done - reused;
}

/** Whether the study has a record that holds: of the same files, and not of a PACS that gave nothing. */
async function isKept(run: Run, study: SourcedStudy): Promise<boolean> {
  const { studyInstanceUid, inputDigest } = study;
  const known = run.known.get(studyInstanceUid);
  if (known) return known.inputDigest === inputDigest;
  if (!run.options.resume) return false;
  const record = await run.output.records.find(studyInstanceUid);
  if (record === null || record.inputDigest !== inputDigest || record.failure?.code === NOT_FETCHED) return false;
  await run.output.addRows(record);
  remember(run, study, record);
  return true;
}

function remember(run: Run, { studyInstanceUid, inputDigest }: SourcedStudy, record: StudyRecord): void {
  run.known.set(studyInstanceUid, { digest: digestOf(record), inputDigest });
}
