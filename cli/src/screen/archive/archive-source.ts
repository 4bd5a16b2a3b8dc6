import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeWhole } from '../../output/write-file.js';
import { studyProblem } from '../analysis-problems.js';
import { indexStudies } from '../index-studies.js';
import type { IndexedStudy } from '../indexed-instance.js';
import { fileProblem, type Problem } from '../problem.js';
import { byCodeUnit, scanInputs } from '../scan-inputs.js';
import { isInShard, type Shard } from '../shard.js';
import { type FetchedStudy, NOT_FETCHED, type StudySource } from '../study-source.js';
import type { Archive, Retrieval } from './archive.js';
import type { Pace } from './pace.js';

export interface ArchiveSourceOptions {
  readonly archive: Archive;
  /** What to ask for; where a query stands in the user's list is its number. */
  readonly queries: readonly Readonly<Record<string, string>>[];
  readonly shard: Shard | null;
  readonly pace: Pace;
  /** Where the study list and images on their way lie. */
  readonly workFolder: string;
  /** Where fetched images stay; null removes them after the analysis. */
  readonly keepFolder: string | null;
  /** Told in words what is being waited for. */
  note(text: string): void;
  /** @default 1000 */
  readonly firstWaitMs?: number;
}

/** What was found, kept so that a run that goes on has the same studies. */
interface FoundList {
  readonly studies: readonly string[];
  readonly problems: readonly { readonly number: number; readonly problem: Problem }[];
}

/** A study that fails so often while the archive answers is given up in this run. [design] */
const MAX_ATTEMPTS = 3;
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 60_000;

/** The studies of a PACS that meet some queries, fetched one after the other as lanes ask for them. */
export function archiveSource(options: ArchiveSourceOptions): StudySource {
  const { archive, shard } = options;
  let last: Promise<unknown> = Promise.resolve();
  const afterOthers = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    list: async (listener) => {
      const found = await readOrFind(options);
      for (const { number, problem } of found.problems) {
        if (isInShard(problem.path ?? '', shard)) await listener.problem(problem, number);
      }
      const uids = found.studies.filter((uid) => isInShard(uid, shard)).sort(byCodeUnit);
      const studies = uids.map((studyInstanceUid) => ({
        studyInstanceUid,
        inputDigest: null,
        fetch: (signal: AbortSignal) => afterOthers(() => fetchStudy(studyInstanceUid, options, signal)),
      }));
      return { studies, files: null, instances: null };
    },
    close: () => archive.close(),
  };
}

async function readOrFind(options: ArchiveSourceOptions): Promise<FoundList> {
  const path = join(options.workFolder, 'study-list.json');
  try {
    return JSON.parse(await fs.readFile(path, 'utf8')) as FoundList;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const studies = new Set<string>();
  const problems: { number: number; problem: Problem }[] = [];
  for (const [index, query] of options.queries.entries()) {
    const before = studies.size;
    const found = [...(await options.archive.find(query))];
    for (const uid of found) studies.add(uid);
    if (studies.size === before && found.length === 0)
      problems.push({ number: index + 1, problem: nothingFound(index + 1) });
  }
  const list = { studies: [...studies].sort(byCodeUnit), problems };
  await writeWhole(path, JSON.stringify(list));
  return list;
}

/** Not the query itself: it may name a patient. */
function nothingFound(number: number): Problem {
  return fileProblem(`query ${number}`, 'broken', 'nothing-found', {
    what: 'The archive has no study for this query or line of the list',
    expected: 'at least one study',
    received: 'none',
  });
}

async function fetchStudy(uid: string, options: ArchiveSourceOptions, signal: AbortSignal): Promise<FetchedStudy> {
  await options.pace.turn(signal, (minutes) => options.note(`Outside the window: waiting ${minutes} min.`));
  let reason = '';
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; ) {
    const folder = await fs.mkdtemp(join(options.workFolder, 'pulled-'));
    try {
      const retrieval = await options.archive.retrieve(uid, folder);
      if (retrieval.failed === 0 && retrieval.completed > 0) return await fetchedFrom(folder, uid, options);
      reason = retrievalText(retrieval);
      attempt += 1;
    } catch (error) {
      signal.throwIfAborted();
      reason = error instanceof Error ? error.message : String(error);
      // An archive that is away is waited for as long as it takes; one that is there and fails is asked again twice.
      if (await options.archive.answers()) attempt += 1;
      else await waitUntilThere(options, signal);
    }
    await fs.rm(folder, { recursive: true, force: true });
  }
  return notFetched(uid, `study: expected all instances from the archive; received ${reason}`);
}

function notFetched(studyInstanceUid: string, message: string): FetchedStudy {
  return {
    study: { studyInstanceUid, instances: [] },
    problems: [studyProblem({ studyInstanceUid }, 'not-analysable', NOT_FETCHED, message)],
    failure: { code: NOT_FETCHED, message },
    release: async () => undefined,
  };
}

function retrievalText({ completed, failed, status }: Retrieval): string {
  return `${completed} instances, ${failed} failures, status ${status}`;
}

async function waitUntilThere(
  { archive, note, firstWaitMs = FIRST_WAIT_MS }: ArchiveSourceOptions,
  signal: AbortSignal,
): Promise<void> {
  note('The archive does not answer: waiting for it.');
  let waitMs = firstWaitMs;
  do {
    await sleep(waitMs, undefined, { signal });
    waitMs = Math.min(MAX_WAIT_MS, waitMs * 2);
  } while (!(await archive.answers()));
  note('The archive answers again.');
}

/** The images in a folder as a study. Names and order do not depend on how they came. */
async function fetchedFrom(folder: string, uid: string, { keepFolder }: ArchiveSourceOptions): Promise<FetchedStudy> {
  const problems: Problem[] = [];
  const listener = {
    problem: (problem: Problem) => void problems.push({ ...problem, path: `${uid}/${problem.sopInstanceUid ?? ''}` }),
    progress: () => undefined,
    stopped: () => false,
  };
  const { studyList } = await indexStudies(scanInputs([folder], { exclude: new Set() }), listener);
  const instances = studyList.find(({ studyInstanceUid }) => studyInstanceUid === uid)?.instances ?? [];
  const study: IndexedStudy = {
    studyInstanceUid: uid,
    instances: instances
      .map((instance) => ({ ...instance, path: `${uid}/${instance.sopInstanceUid}` }))
      .sort((a, b) => byCodeUnit(a.sopInstanceUid, b.sopInstanceUid)),
  };
  if (instances.length === 0) {
    await fs.rm(folder, { recursive: true, force: true });
    return notFetched(uid, 'study: expected images; received none that can be read');
  }
  return { study, problems, failure: null, release: () => putAway(folder, uid, keepFolder) };
}

async function putAway(folder: string, uid: string, keepFolder: string | null): Promise<void> {
  if (keepFolder === null) return fs.rm(folder, { recursive: true, force: true });
  const kept = join(keepFolder, uid);
  await fs.mkdir(keepFolder, { recursive: true });
  await fs.rm(kept, { recursive: true, force: true });
  await fs.rename(folder, kept);
}
