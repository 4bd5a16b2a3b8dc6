import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { LockHeldError, takeExclusiveLock } from '@pce/shared/adapters/exclusive-lock';
import { UsageError } from '../exit-codes.js';
import { type FoundInput, manifestDifferences, type RunManifest, type RunState } from '../screen/run-manifest.js';
import { writeWhole } from './write-file.js';

const STATE_FILE = 'run.json';
const LOCK_FILE = 'run.lock';
/** Left by a run that was killed: half-written files and images on their way. */
const LEFTOVER = /\.[0-9a-f]{12}\.tmp$|^unpacked-|^pulled-|^probe-/;

/**
 * What a run is and whether it is through. The studies' own records are the journal: each is there whole or not at all,
 * and on disk before the next study of its lane begins.
 */
export class RunJournal {
  private constructor(
    readonly workFolder: string,
    readonly manifest: RunManifest,
    readonly lock: { close(): void },
  ) {}

  /**
   * Begins a run or goes on with one.
   *
   * @param workFolder exists; holds `studies`
   * @throws UsageError when another process is at it, when the settings differ from those of the run to resume, or when
   *   an unfinished run would be lost
   */
  static async open(workFolder: string, manifest: RunManifest, resume: boolean): Promise<RunJournal> {
    const lock = takeLock(join(workFolder, LOCK_FILE));
    try {
      const before = await readRunState(workFolder);
      await removeLeftovers(workFolder);
      if (before !== null && resume) expectSame(before.manifest, manifest);
      else await startAfresh(workFolder, before);
      const journal = new RunJournal(workFolder, manifest, lock);
      await journal.#write(null);
      return journal;
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  /** The run is through: all studies have an answer. */
  finished(found: FoundInput): Promise<void> {
    return this.#write(found);
  }

  /** Lets another process at it. */
  close(): void {
    this.lock.close();
  }

  #write(found: FoundInput | null): Promise<void> {
    const state: RunState = { manifest: this.manifest, found };
    return writeWhole(join(this.workFolder, STATE_FILE), `${JSON.stringify(state, null, 2)}\n`);
  }
}

/** Null when there was no run in this folder. */
export async function readRunState(workFolder: string): Promise<RunState | null> {
  try {
    return JSON.parse(await fs.readFile(join(workFolder, STATE_FILE), 'utf8')) as RunState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function takeLock(path: string): { close(): void } {
  try {
    return takeExclusiveLock(path);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new UsageError('--out', 'a folder that no other run is writing to', 'one that a run is writing to');
  }
}

function expectSame(before: RunManifest, now: RunManifest): void {
  const differences = manifestDifferences(before, now);
  if (differences.length === 0) return;
  throw new UsageError('--resume', 'the settings and version of the run to go on with', differences.join(', '));
}

async function startAfresh(workFolder: string, before: RunState | null): Promise<void> {
  const studies = join(workFolder, 'studies');
  const kept = await fs.readdir(studies);
  if (before !== null && before.found === null && kept.some((name) => name.endsWith('.json'))) {
    throw new UsageError('--out', 'a folder without an unfinished run (or --resume to go on with it)', 'one with');
  }
  for (const name of kept) await fs.rm(join(studies, name), { recursive: true });
  await fs.rm(join(workFolder, 'study-list.json'), { force: true });
}

async function removeLeftovers(workFolder: string): Promise<void> {
  for (const folder of [join(workFolder, '..'), workFolder, join(workFolder, 'studies')]) {
    for (const name of await fs.readdir(folder)) {
      if (LEFTOVER.test(name)) await fs.rm(join(folder, name), { recursive: true, force: true });
    }
  }
}
