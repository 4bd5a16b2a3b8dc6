import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../exit-codes.js';
import type { Problem } from '../screen/problem.js';
import type { RunManifest } from '../screen/run-manifest.js';
import type { StudyRecord } from '../screen/study-record.js';
import { findingsCsv, findingsHeader, findingsNdjson, problemsCsv, problemsHeader } from '../tables/encode-rows.js';
import { tableRows } from '../tables/table-row.js';
import { writeParquet } from '../tables/write-parquet.js';
import { ListingProblems } from './listing-problems.js';
import type { OutputFormat } from './output-formats.js';
import { RecordStore } from './record-store.js';
import { RunJournal } from './run-journal.js';
import { writeWhole, writeWholeFrom } from './write-file.js';

/** Holds records and unpacked files; may be deleted after a run. */
export const WORK_FOLDER = '.pce';

/**
 * The folder a screening run writes to. Reports, rows and records are written as they come; `finish` puts the tables
 * in order of Study Instance UID, so that two runs over the same input give the same tables.
 */
export class OutputFolder {
  readonly records: RecordStore;
  readonly listingProblems: ListingProblems;

  private constructor(
    /** Absolute and resolved. */
    readonly path: string,
    readonly formats: ReadonlySet<OutputFormat>,
    readonly journal: RunJournal | null,
  ) {
    this.records = new RecordStore(join(path, WORK_FOLDER, 'studies'));
    this.listingProblems = new ListingProblems(join(path, WORK_FOLDER, 'listing-problems.ndjson'));
  }

  /**
   * Makes the folder if need be, takes it for this run and starts its tables.
   *
   * @param run what the run is, and whether it goes on with one that is there
   * @throws UsageError when it cannot be written to, or the run cannot begin (RunJournal)
   */
  static async open(path: string, run: { manifest: RunManifest; resume: boolean }): Promise<OutputFolder> {
    await makeFolder(path);
    const real = await fs.realpath(resolve(path));
    const journal = await RunJournal.open(join(real, WORK_FOLDER), run.manifest, run.resume);
    const folder = new OutputFolder(real, new Set(run.manifest.formats), journal);
    await folder.#startTables();
    return folder;
  }

  /** The folder of a run of another process, to add to its records or read them. */
  static async join(path: string, formats: ReadonlySet<OutputFormat>): Promise<OutputFolder> {
    return new OutputFolder(await fs.realpath(resolve(path)), formats, null);
  }

  /** Where archives may be unpacked. */
  get workFolder(): string {
    return join(this.path, WORK_FOLDER);
  }

  get reportPagePath(): string {
    return join(this.path, 'report.html');
  }

  get summaryPath(): string {
    return join(this.path, 'summary.json');
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
    if (!exists) await writeWhole(path, bytes, this.workFolder);
  }

  /** Notes a problem found while the input was listed. */
  async addListingProblem(problem: Problem, number: number): Promise<void> {
    await this.listingProblems.add(problem, number);
    await this.#append('problems.csv', problemsCsv([problem]));
  }

  /** Adds the rows of a study that is done to the tables. */
  async addRows(record: StudyRecord): Promise<void> {
    const rows = tableRows(record);
    if (this.formats.has('csv')) await this.#append('findings.csv', findingsCsv(rows));
    if (this.formats.has('json')) await this.#append('findings.ndjson', findingsNdjson(rows));
    await this.#append('problems.csv', problemsCsv(record.problems));
  }

  /** Rewrites the tables in order. */
  async finish(sortedStudyUids: readonly string[]): Promise<void> {
    const { formats } = this;
    if (formats.has('csv')) {
      await writeWholeFrom(this.#table('findings.csv'), this.#ordered(sortedStudyUids, csvOfStudy, findingsHeader()));
    }
    if (formats.has('json')) {
      await writeWholeFrom(this.#table('findings.ndjson'), this.#ordered(sortedStudyUids, ndjsonOfStudy));
    }
    if (formats.has('parquet')) await writeParquet(this.#table('findings.parquet'), this.#rows(sortedStudyUids));
    await writeWholeFrom(this.#table('problems.csv'), this.#problems(sortedStudyUids));
    await writeWhole(this.#studiesPath, sortedStudyUids.map((uid) => `${uid}\n`).join(''));
  }

  /** The studies in the tables of a run that is through. */
  async studies(): Promise<string[]> {
    return (await fs.readFile(this.#studiesPath, 'utf8')).split('\n').filter((uid) => uid !== '');
  }

  get #studiesPath(): string {
    return join(this.workFolder, 'studies.txt');
  }

  /** Lets another run at the folder. */
  close(): void {
    this.journal?.close();
  }

  async *#ordered(uids: readonly string[], encode: (record: StudyRecord) => string, head = ''): AsyncGenerator<string> {
    yield head;
    for (const uid of uids) yield encode(await this.records.load(uid));
  }

  async *#problems(uids: readonly string[]): AsyncGenerator<string> {
    yield problemsHeader();
    for await (const { problem } of this.listingProblems.read()) yield problemsCsv([problem]);
    yield* this.#ordered(uids, problemsOfStudy);
  }

  async *#rows(uids: readonly string[]) {
    for (const uid of uids) yield* tableRows(await this.records.load(uid));
  }

  async #startTables(): Promise<void> {
    if (this.formats.has('csv')) await fs.writeFile(this.#table('findings.csv'), findingsHeader());
    if (this.formats.has('json')) await fs.writeFile(this.#table('findings.ndjson'), '');
    await fs.writeFile(this.#table('problems.csv'), problemsHeader());
  }

  #append(name: string, text: string): Promise<void> {
    return fs.appendFile(this.#table(name), text);
  }

  #table(name: string): string {
    return join(this.path, name);
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await fs.mkdir(join(path, WORK_FOLDER, 'studies'), { recursive: true });
    const probe = join(path, WORK_FOLDER, `probe-${randomBytes(6).toString('hex')}`);
    await fs.writeFile(probe, '');
    await fs.rm(probe);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError('--out', 'a folder that can be written to', `${path} (${code})`);
  }
}

const csvOfStudy = (record: StudyRecord) => findingsCsv(tableRows(record));
const ndjsonOfStudy = (record: StudyRecord) => findingsNdjson(tableRows(record));
const problemsOfStudy = (record: StudyRecord) => problemsCsv(record.problems);
