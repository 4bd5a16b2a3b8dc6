import { identifyInput } from './identify-input.js';
import type { IndexedInstance, IndexedStudy } from './indexed-instance.js';
import type { ScannedInput } from './input-location.js';
import type { Problem } from './problem.js';
import { readInput } from './read-input.js';
import { isInShard, type Shard } from './shard.js';
import { StudyIndex } from './study-index.js';
import type { ListListener } from './study-source.js';

export interface ScanProgress {
  readonly inputs: number;
  readonly instances: number;
  readonly studies: number;
}

export interface IndexResult extends ScanProgress {
  readonly studyList: readonly IndexedStudy[];
}

/**
 * Reads the headers of all inputs and groups the DICOM instances by study. An instance that is there twice with the
 * same bytes counts once; a second one with other bytes under the same SOP Instance UID is a problem, the first stays.
 *
 * @param shard what to give and count; everything is indexed all the same, so that each shard sees the same duplicates
 */
export async function indexStudies(
  scanned: AsyncIterable<ScannedInput | Problem>,
  listener: ListListener,
  shard: Shard | null = null,
): Promise<IndexResult> {
  const index = new StudyIndex();
  let number = 0;
  let inputs = 0;
  for await (const item of scanned) {
    if (listener.stopped()) break;
    number += 1;
    const taken = 'severity' in item ? problemTaken(item) : await takeIn(item, index);
    if (isInShard(taken.key, shard)) {
      inputs += 1;
      if (taken.problem) await listener.problem(taken.problem, number);
    }
    listener.progress({ inputs, instances: index.instanceCount, studies: index.studyCount });
  }
  const studyList = index.studies().filter(({ studyInstanceUid }) => isInShard(studyInstanceUid, shard));
  const instances = studyList.reduce((sum, study) => sum + study.instances.length, 0);
  return { inputs, instances, studies: studyList.length, studyList };
}

/** What an input came to; the key says whose work it is: a Study Instance UID, or the path where none is known. */
interface Taken {
  readonly key: string;
  readonly problem: Problem | null;
}

const problemTaken = (problem: Problem): Taken => ({ key: problem.studyInstanceUid ?? problem.path ?? '', problem });

async function takeIn(input: ScannedInput, index: StudyIndex): Promise<Taken> {
  const identified = await identifyInput(input);
  if (identified === null) return { key: input.path, problem: null };
  if (identified.kind === 'problem') return problemTaken(identified.problem);
  const { instance } = identified;
  const holder = index.add(instance);
  const isFine = holder === null || (await haveSameBytes(instance, holder));
  return { key: instance.studyInstanceUid, problem: isFine ? null : conflictingCopy(instance, holder) };
}

async function haveSameBytes(a: IndexedInstance, b: IndexedInstance): Promise<boolean> {
  if (a.byteLength !== b.byteLength) return false;
  try {
    const [bytesA, bytesB] = await Promise.all([readInput(a.location), readInput(b.location)]);
    return Buffer.compare(bytesA, bytesB) === 0;
  } catch {
    return false;
  }
}

function conflictingCopy(copy: IndexedInstance, kept: IndexedInstance): Problem {
  return {
    severity: 'broken',
    code: 'sop-instance-uid-reused',
    path: copy.path,
    studyInstanceUid: copy.studyInstanceUid,
    seriesInstanceUid: copy.seriesInstanceUid,
    sopInstanceUid: copy.sopInstanceUid,
    what: 'Two different files have the same SOP Instance UID; this one was left out',
    expected: `the same bytes as ${kept.path}`,
    received: 'other bytes',
  };
}
