import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import { type DicomFile, readPart10 } from '@pce/shared/dicom/part10';
import { DicomReadError } from '@pce/shared/dicom/read-error';
import { describeAttribute } from '@pce/shared/dicom/tag';
import type { InstanceReader } from '@pce/shared/ports/instance-reader';
import { describeProblem, problemFromError, type StudyProblem } from './study-problem.js';
import { describeInstance } from './volume/describe-instance.js';
import type { InstanceHeader } from './volume/instance-header.js';
import { InstanceUnavailableError } from './volume/slice-loader.js';

/** The instances of one study, to be read as often as needed: only headers are kept. */
export class StudyFiles {
  readonly #reader: InstanceReader;
  readonly #instances = new Map<string, StoredInstance>();
  readonly problems: StudyProblem[] = [];
  /** Instances whose header cannot be read, known once all are described. */
  readonly unreadable: StoredInstance[] = [];

  /** Of several instances with one SOP Instance UID the one with the smallest digest is used, whatever came first. */
  constructor(instances: readonly StoredInstance[], reader: InstanceReader) {
    this.#reader = reader;
    const sorted = [...instances].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
    for (const instance of sorted) {
      const known = this.#instances.get(instance.sopInstanceUid);
      if (known === undefined) this.#instances.set(instance.sopInstanceUid, instance);
      else if (known.sha256 !== instance.sha256) this.problems.push(collision(instance));
    }
  }

  /** The headers of all instances that can be read; the others become problems. */
  async describeAll(): Promise<InstanceHeader[]> {
    const headers: InstanceHeader[] = [];
    for (const instance of this.#instances.values()) {
      try {
        const header = describeInstance(await this.load(instance.sopInstanceUid));
        // Under another name its pixels could not be loaded later on.
        if (header.sopInstanceUid !== instance.sopInstanceUid) throw otherName();
        headers.push(header);
      } catch (error) {
        this.report(instance.sopInstanceUid, error);
        this.unreadable.push(instance);
      }
    }
    return headers;
  }

  /**
   * @throws InstanceUnavailableError when the bytes cannot be had
   * @throws DicomReadError when they are not a readable DICOM file
   */
  readonly load = async (sopInstanceUid: string): Promise<DicomFile> => {
    const instance = this.#instances.get(sopInstanceUid)!;
    let bytes: Uint8Array;
    try {
      bytes = await this.#reader.read(instance);
    } catch (cause) {
      throw new InstanceUnavailableError(sopInstanceUid, { cause });
    }
    return readPart10(bytes);
  };

  /** Notes what is wrong with an instance; passes on an error that says nothing about its content. */
  report(sopInstanceUid: string, error: unknown): void {
    if (error instanceof InstanceUnavailableError) throw error;
    this.problems.push(problemFromError(this.#instances.get(sopInstanceUid)!, error));
  }
}

function otherName(): DicomReadError {
  const expected = 'the UID it was received under';
  return new DicomReadError('invalid-attribute', expected, 'another or none', describeAttribute('SOPInstanceUID'));
}

function collision(instance: StoredInstance): StudyProblem {
  const what = 'Another file has the same SOP Instance UID and other content; that one was used';
  return describeProblem(instance, 'duplicate-uid', what, 'one file of each SOP Instance UID', 'two');
}
