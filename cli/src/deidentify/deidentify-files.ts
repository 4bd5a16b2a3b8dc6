import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { DicomReadError } from '@pce/shared/dicom/read-error';
import { writeWhole } from '../output/write-file.js';
import { type DeidentifyOptions, deidentifyFile } from './deidentify-file.js';
import type { Pseudonyms } from './pseudonyms.js';

/** What became of one input. */
export type FileOutcome =
  | { readonly kind: 'written'; readonly path: string; readonly mayShowText: boolean }
  | { readonly kind: 'not-dicom' }
  | { readonly kind: 'refused' | 'broken'; readonly code: string; readonly message: string };

/** Largest file we take into memory, bytes. [design] */
const MAX_FILE_BYTES = 2 * 1024 ** 3 - 1;

/** De-identifies files into a folder, named after their new UIDs: a name of a file may be a patient's. */
export class DeidentifiedFolder {
  readonly #seen = new Set<string>();

  constructor(
    readonly path: string,
    readonly pseudonyms: Pseudonyms,
    readonly options: DeidentifyOptions,
    readonly mapped: (original: string, replacement: string) => void,
  ) {}

  /** Never throws for what is wrong with the file itself. */
  async add(file: string): Promise<FileOutcome> {
    const { size } = await fs.stat(file);
    if (size > MAX_FILE_BYTES) return { kind: 'broken', code: 'too-large', message: `${size} bytes` };
    try {
      const result = deidentifyFile(await fs.readFile(file), this.pseudonyms, this.options, this.mapped);
      if (result.kind === 'refused') return { kind: 'refused', ...result.refusal };
      const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, bytes, burnedIn } = result;
      if (this.#seen.has(sopInstanceUid)) {
        return {
          kind: 'refused',
          code: 'sop-instance-uid-reused',
          message: 'a file with this SOP Instance UID is there',
        };
      }
      this.#seen.add(sopInstanceUid);
      const path = join(studyInstanceUid, seriesInstanceUid, `${sopInstanceUid}.dcm`);
      await writeWhole(join(this.path, path), bytes);
      return { kind: 'written', path, mayShowText: burnedIn !== null };
    } catch (error) {
      if (!(error instanceof DicomReadError)) throw error;
      if (error.code === 'not-dicom' || error.code === 'empty-file' || error.code === 'dicomdir')
        return { kind: 'not-dicom' };
      return { kind: 'broken', code: error.code, message: error.message };
    }
  }
}
