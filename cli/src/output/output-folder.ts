import { randomBytes } from 'node:crypto';
import { createReadStream, promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../exit-codes.js';
import type { Problem } from '../screen/problem.js';
import type { StudyRecord } from '../screen/study-record.js';
import { findingsCsv, findingsHeader, findingsNdjson, problemsCsv, problemsHeader } from '../tables/encode-rows.js';
import { tableRows } from '../tables/table-row.js';
import type { OutputFormat } from './output-formats.js';
import { type EncodedPicture, RecordStore } from './record-store.js';
import { writeWhole, writeWholeFrom } from './write-file.js';

/** Holds records and unpacked files; may be deleted after a run. */
const WORK_FOLDER = '.pce';

/**
 * The folder a screening run writes to. Reports, rows and records are written as they come; `finish` puts the tables
 * in order of Study Instance UID, so that two runs over the same input give the same tables.
 */
export class OutputFolder {
  readonly records: RecordStore;
  /** Length of the part of problems.csv that is in its final order already: what the scan found. */
  #orderedProblemBytes = 0;

  private constructor(
    /** Absolute and resolved. */
    readonly path: string,
    readonly formats: ReadonlySet<OutputFormat>,
  ) {
    this.records = new RecordStore(join(path, WORK_FOLDER, 'studies'));
  }

  /**
   * Makes the folder if need be and starts its tables.
   *
   * @throws UsageError when it cannot be written to
   */
  static async open(path: string, formats: ReadonlySet<OutputFormat>): Promise<OutputFolder> {
    try {
      await fs.mkdir(join(path, WORK_FOLDER, 'studies'), { recursive: true });
      const probe = join(path, WORK_FOLDER, `probe-${randomBytes(6).toString('hex')}`);
      await fs.writeFile(probe, '');
      await fs.rm(probe);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new UsageError('--out', 'a folder that can be written to', `${path} (${code})`);
    }
    const folder = new OutputFolder(await fs.realpath(resolve(path)), formats);
    await folder.#startTables();
    return folder;
  }

  /** Where archives may be unpacked. */
  get workFolder(): string {
    return join(this.path, WORK_FOLDER);
  }

  get reportPagePath(): string {
    return join(this.path, 'report.html');
  }

  /** Path of a structured report from the output folder, with forward slashes. */
  static reportPath(studyInstanceUid: string, sopInstanceUid: string): string {
    return `${studyInstanceUid}/${sopInstanceUid}.dcm`;
  }

  /** Stores a structured report. One that is there already stays: a UID never names two contents (ADR 1). */
  async writeReport(studyInstanceUid: string, sopInstanceUid: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.path, OutputFolder.reportPath(studyInstanceUid, sopInstanceUid));
    const exists = await fs.access(path).then(
      () => true,
      () => false,
    );
    if (!exists) await writeWhole(path, bytes);
  }

  /** Notes a problem found before any study was analysed. */
  async addFileProblem(problem: Problem): Promise<void> {
    const line = problemsCsv([problem]);
    this.#orderedProblemBytes += Buffer.byteLength(line);
    await this.#append('problems.csv', line);
  }

  /** Stores what is known of a study and adds its rows to the tables. */
  async addStudy(record: Omit<StudyRecord, 'pictures'>, pictures: readonly EncodedPicture[]): Promise<StudyRecord> {
    const saved = await this.records.save(record, pictures);
    const rows = tableRows(saved);
    if (this.formats.has('csv')) await this.#append('findings.csv', findingsCsv(rows));
    if (this.formats.has('json')) await this.#append('findings.ndjson', findingsNdjson(rows));
    await this.#append('problems.csv', problemsCsv(saved.problems));
    return saved;
  }

  /** Rewrites the tables in order. */
  async finish(sortedStudyUids: readonly string[]): Promise<void> {
    if (this.formats.has('csv')) {
      await writeWholeFrom(this.#table('findings.csv'), this.#ordered(sortedStudyUids, findingsHeader(), csvOfStudy));
    }
    if (this.formats.has('json')) {
      await writeWholeFrom(this.#table('findings.ndjson'), this.#ordered(sortedStudyUids, '', ndjsonOfStudy));
    }
    const head = createReadStream(this.#table('problems.csv'), { end: this.#orderedProblemBytes - 1 });
    await writeWholeFrom(this.#table('problems.csv'), this.#ordered(sortedStudyUids, head, problemsOfStudy));
  }

  async *#ordered(
    uids: readonly string[],
    head: string | AsyncIterable<Uint8Array>,
    encode: (record: StudyRecord) => string,
  ): AsyncGenerator<string | Uint8Array> {
    if (typeof head === 'string') yield head;
    else yield* head;
    for (const uid of uids) yield encode(await this.records.load(uid));
  }

  async #startTables(): Promise<void> {
    if (this.formats.has('csv')) await fs.writeFile(this.#table('findings.csv'), findingsHeader());
    if (this.formats.has('json')) await fs.writeFile(this.#table('findings.ndjson'), '');
    await fs.writeFile(this.#table('problems.csv'), problemsHeader());
    this.#orderedProblemBytes = Buffer.byteLength(problemsHeader());
  }

  #append(name: string, text: string): Promise<void> {
    return fs.appendFile(this.#table(name), text);
  }

  #table(name: string): string {
    return join(this.path, name);
  }
}

const csvOfStudy = (record: StudyRecord) => findingsCsv(tableRows(record));
const ndjsonOfStudy = (record: StudyRecord) => findingsNdjson(tableRows(record));
const problemsOfStudy = (record: StudyRecord) => problemsCsv(record.problems);
