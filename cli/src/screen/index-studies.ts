import { identifyInput } from './identify-input.js';
import type { IndexedInstance, IndexedStudy } from './indexed-instance.js';
import type { ScannedInput } from './input-location.js';
import type { Problem } from './problem.js';
import { readInput } from './read-input.js';
import { StudyIndex } from './study-index.js';

export interface ScanProgress {
  readonly inputs: number;
  readonly instances: number;
  readonly studies: number;
}

export interface IndexListener {
  problem(problem: Problem): Promise<void> | void;
  progress(progress: ScanProgress): void;
  /** Asked between inputs: true ends the scan. */
  stopped(): boolean;
}

export interface IndexResult extends ScanProgress {
  readonly studyList: readonly IndexedStudy[];
}

/**
 * Reads the headers of all inputs and groups the DICOM instances by study. An instance that is there twice with the
 * same bytes counts once; a second one with other bytes under the same SOP Instance UID is a problem, the first stays.
 */
export async function indexStudies(
  scanned: AsyncIterable<ScannedInput | Problem>,
  listener: IndexListener,
): Promise<IndexResult> {
  const index = new StudyIndex();
  let inputs = 0;
  for await (const item of scanned) {
    if (listener.stopped()) break;
    inputs += 1;
    const problem = 'severity' in item ? item : await takeIn(item, index);
    if (problem) await listener.problem(problem);
    listener.progress({ inputs, instances: index.instanceCount, studies: index.studyCount });
  }
  return { inputs, instances: index.instanceCount, studies: index.studyCount, studyList: index.studies() };
}

async function takeIn(input: ScannedInput, index: StudyIndex): Promise<Problem | null> {
  const identified = await identifyInput(input);
  if (identified === null) return null;
  if (identified.kind === 'problem') return identified.problem;
  const holder = index.add(identified.instance);
  if (holder === null || (await haveSameBytes(identified.instance, holder))) return null;
  return conflictingCopy(identified.instance, holder);
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
