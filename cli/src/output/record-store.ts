import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { RecordedPicture, StudyRecord } from '../screen/study-record.js';
import { writeWhole } from './write-file.js';

/** A picture ready to be stored. */
export interface EncodedPicture {
  readonly findingId: number | null;
  readonly label: string;
  readonly columns: number;
  readonly rows: number;
  readonly png: Uint8Array;
}

/**
 * The records of screened studies in a folder: `<StudyInstanceUID>.json` and its pictures. What is here survives an
 * interrupted run; the tables and the report are made from it.
 */
export class RecordStore {
  constructor(readonly folder: string) {}

  async save(record: Omit<StudyRecord, 'pictures'>, pictures: readonly EncodedPicture[]): Promise<StudyRecord> {
    const uid = record.studyInstanceUid;
    const recorded: RecordedPicture[] = [];
    for (const [index, { png, ...about }] of pictures.entries()) {
      const fileName = `${uid}-${index + 1}.png`;
      await writeWhole(join(this.folder, fileName), png);
      recorded.push({ ...about, fileName });
    }
    const whole: StudyRecord = { ...record, pictures: recorded };
    await writeWhole(this.#path(uid), JSON.stringify(whole));
    return whole;
  }

  async load(studyInstanceUid: string): Promise<StudyRecord> {
    return JSON.parse(await fs.readFile(this.#path(studyInstanceUid), 'utf8')) as StudyRecord;
  }

  /** Null when there is none. */
  async find(studyInstanceUid: string): Promise<StudyRecord | null> {
    try {
      return await this.load(studyInstanceUid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** Takes a record over from another store, with its pictures. */
  async copyFrom(other: RecordStore, studyInstanceUid: string): Promise<StudyRecord> {
    const record = await other.load(studyInstanceUid);
    for (const { fileName } of record.pictures) {
      await fs.copyFile(join(other.folder, fileName), join(this.folder, fileName));
    }
    await fs.copyFile(other.#path(studyInstanceUid), this.#path(studyInstanceUid));
    return record;
  }

  /** The PNG file of a picture. */
  readPicture(picture: RecordedPicture): Promise<Uint8Array> {
    return fs.readFile(join(this.folder, picture.fileName));
  }

  #path(studyInstanceUid: string): string {
    return join(this.folder, `${studyInstanceUid}.json`);
  }
}
