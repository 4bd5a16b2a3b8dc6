import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import { readPart10 } from '@pce/shared/dicom/part10';
import { brokenDicom } from './identify-input.js';
import type { IndexedInstance, IndexedStudy } from './indexed-instance.js';
import type { Problem } from './problem.js';
import { readZipArchive } from './zip-archive.js';

/** What one study may take when unpacked: keeps an archive made to fill the disk from doing so. */
export const MAX_STAGED_BYTES = 32 * 2 ** 30;

/** A study whose instances lie as whole, readable files on a local path. */
export interface StagedStudy {
  readonly instances: readonly StoredInstance[];
  /** The instances that are not whole, left out. */
  readonly problems: readonly Problem[];
  /** Removes what was unpacked. */
  release(): Promise<void>;
}

/**
 * Reads every instance of a study once: digests it, checks that it is whole, and unpacks what lies in archives.
 * Sources that fetch from a network will leave their files here in the same way.
 *
 * @param workFolder where a folder for unpacked files may be made
 */
export async function stageStudy(study: IndexedStudy, workFolder: string): Promise<StagedStudy> {
  const instances: StoredInstance[] = [];
  const problems: Problem[] = [];
  const take = (instance: IndexedInstance, bytes: Uint8Array, location: string) => {
    const problem = checkWhole(instance, bytes);
    if (problem) problems.push(problem);
    else instances.push(toStored(instance, bytes, location));
    return problem === null;
  };
  for (const instance of study.instances) {
    if (instance.location.kind !== 'file') continue;
    try {
      take(instance, await fs.readFile(instance.location.path), instance.location.path);
    } catch (error) {
      problems.push(about(instance, brokenDicom(instance.path, error)));
    }
  }
  const unpackFolder = await unpackArchives(study, workFolder, take, problems);
  return {
    instances,
    problems,
    release: async () => {
      if (unpackFolder !== null) await fs.rm(unpackFolder, { recursive: true, force: true });
    },
  };
}

/** Writes archived instances under running numbers; returns the folder, or null when nothing is in an archive. */
async function unpackArchives(
  study: IndexedStudy,
  workFolder: string,
  take: (instance: IndexedInstance, bytes: Uint8Array, location: string) => boolean,
  problems: Problem[],
): Promise<string | null> {
  const wanted = byArchive(study.instances);
  if (wanted.size === 0) return null;
  const folder = await fs.mkdtemp(join(workFolder, 'unpacked-'));
  let stagedBytes = 0;
  let number = 0;
  for (const [archivePath, entries] of wanted) {
    for await (const entry of readZipArchive(archivePath, new Set(entries.keys()))) {
      if ('severity' in entry) {
        problems.push(entry);
        continue;
      }
      const instance = entries.get(entry.index);
      if (!instance) continue;
      stagedBytes += entry.byteLength;
      if (stagedBytes > MAX_STAGED_BYTES) {
        problems.push(about(instance, tooMuch(instance.path)));
        continue;
      }
      try {
        const bytes = await entry.readAll();
        number += 1;
        const path = join(folder, `${number}.dcm`);
        if (take(instance, bytes, path)) await fs.writeFile(path, bytes);
      } catch (error) {
        problems.push(about(instance, brokenDicom(instance.path, error)));
      }
    }
  }
  return folder;
}

function byArchive(instances: readonly IndexedInstance[]): Map<string, Map<number, IndexedInstance>> {
  const archives = new Map<string, Map<number, IndexedInstance>>();
  for (const instance of instances) {
    const { location } = instance;
    if (location.kind !== 'zip-entry') continue;
    const entries = archives.get(location.archivePath) ?? new Map<number, IndexedInstance>();
    entries.set(location.entryIndex, instance);
    archives.set(location.archivePath, entries);
  }
  return archives;
}

function checkWhole(instance: IndexedInstance, bytes: Uint8Array): Problem | null {
  try {
    readPart10(bytes);
    return null;
  } catch (error) {
    return about(instance, brokenDicom(instance.path, error));
  }
}

function toStored(instance: IndexedInstance, bytes: Uint8Array, location: string): StoredInstance {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid, transferSyntaxUid, modality } = instance;
  return {
    studyInstanceUid,
    seriesInstanceUid,
    sopInstanceUid,
    sopClassUid,
    transferSyntaxUid,
    modality,
    location,
    byteLength: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

function about(instance: IndexedInstance, problem: Problem): Problem {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = instance;
  return { ...problem, studyInstanceUid, seriesInstanceUid, sopInstanceUid };
}

function tooMuch(path: string): Problem {
  return {
    severity: 'broken',
    code: 'study-too-large',
    path,
    studyInstanceUid: null,
    seriesInstanceUid: null,
    sopInstanceUid: null,
    what: 'The study is larger when unpacked than we allow',
    expected: `at most ${MAX_STAGED_BYTES} bytes in one study`,
    received: 'more',
  };
}
