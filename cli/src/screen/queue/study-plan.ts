import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { DeviceIdentity } from '@pce/reporter/core/report-context';
import { writeWhole } from '../../output/write-file.js';
import type { RunManifest } from '../run-manifest.js';
import type { FetchedStudy } from '../study-source.js';

/** What a worker is to do: a study with its files on shared paths, and how. The queue carries its name alone. */
export interface StudyPlan {
  readonly manifest: RunManifest;
  readonly device: DeviceIdentity;
  readonly inputDigest: string | null;
  readonly fetched: Omit<FetchedStudy, 'release'>;
}

/**
 * Plans of studies on their way through the queue, as files in the run's work folder. A plan is there until its record
 * is: what the queue loses is still known here.
 */
export class StudyPlans {
  readonly #folder: string;
  constructor(workFolder: string) {
    this.#folder = join(workFolder, 'plans');
  }

  async add(studyInstanceUid: string, plan: StudyPlan): Promise<void> {
    await fs.rm(this.#failurePath(studyInstanceUid), { force: true });
    await writeWhole(this.#path(studyInstanceUid), JSON.stringify(plan));
  }

  /** Null when it is done. */
  async find(studyInstanceUid: string): Promise<StudyPlan | null> {
    const text = await this.#read(this.#path(studyInstanceUid));
    return text === null ? null : (JSON.parse(text) as StudyPlan);
  }

  /** Done, or given up. */
  async remove(studyInstanceUid: string): Promise<void> {
    await fs.rm(this.#path(studyInstanceUid), { force: true });
  }

  /** The run cannot go on, and why. */
  fail(studyInstanceUid: string, message: string): Promise<void> {
    return writeWhole(this.#failurePath(studyInstanceUid), message);
  }

  failure(studyInstanceUid: string): Promise<string | null> {
    return this.#read(this.#failurePath(studyInstanceUid));
  }

  async #read(path: string): Promise<string | null> {
    try {
      return await fs.readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  #path(studyInstanceUid: string): string {
    return join(this.#folder, `${studyInstanceUid}.json`);
  }

  #failurePath(studyInstanceUid: string): string {
    return join(this.#folder, `${studyInstanceUid}.failed`);
  }
}
