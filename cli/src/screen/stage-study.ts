import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import type { IndexedInstance, IndexedStudy } from './indexed-instance.js';
import { fileProblem, type Problem } from './problem.js';
import { readZipArchive } from './zip-archive.js';

/** What one study may take when unpacked: keeps an archive made to fill the disk from doing so. */
export const MAX_STAGED_BYTES = 32 * 2 ** 30;

/** A study whose instances lie as files on a local path. */
export interface StagedStudy {
  readonly instances: readonly StoredInstance[];
  /** The instances that could no longer be read, left out. */
  readonly problems: readonly Problem[];
  /** Removes what was unpacked. */
  release(): Promise<void>;
}

/**
 * Reads every instance of a study once: digests it, and unpacks what lies in archives.
 * Sources that fetch from a network will leave their files here in the same way.
 *
 * @param workFolder where a folder for unpacked files may be made
 */
export async function stageStudy(study: IndexedStudy, workFolder: string): Promise<StagedStudy> {
  const instances: StoredInstance[] = [];
  const problems: Problem[] = [];
  const take = (instance: IndexedInstance, bytes: Uint8Array, location: string): void => {
    instances.push(toStored(instance, bytes, location));
  };
  for (const instance of study.instances) {
    if (instance.location.kind !== 'file') continue;
    try {
      take(instance, await fs.readFile(instance.location.path), instance.location.path);
    } catch (error) {
      problems.push(unreadable(instance, error));
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
  take: (instance: IndexedInstance, bytes: Uint8Array, location: string) => void,
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
        await fs.writeFile(path, bytes);
        take(instance, bytes, path);
      } catch (error) {
        problems.push(unreadable(instance, error));
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

function unreadable(instance: IndexedInstance, error: unknown): Problem {
  return about(
    instance,
    fileProblem(instance.path, 'broken', 'cannot-read', {
      what: 'The file could not be read a second time',
      expected: 'the bytes that were there a moment ago',
      received: error instanceof Error ? error.message : String(error),
    }),
  );
}

function about(instance: IndexedInstance, problem: Problem): Problem {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = instance;
  return { ...problem, studyInstanceUid, seriesInstanceUid, sopInstanceUid };
}

function tooMuch(path: string): Problem {
  return fileProblem(path, 'broken', 'study-too-large', {
    what: 'The study is larger when unpacked than we allow',
    expected: `at most ${MAX_STAGED_BYTES} bytes in one study`,
    received: 'more',
  });
}
