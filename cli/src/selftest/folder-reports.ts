import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ReadReport, readReportFile } from './read-report.js';
import { type DeliveredReport, lookUntil, type ReportSource } from './report-source.js';

/** Reports that are delivered into a folder, in files at any depth. */
export class FolderReports implements ReportSource {
  readonly description: string;
  readonly #path: string;
  readonly #known = new Set<string>();

  private constructor(path: string) {
    this.#path = path;
    this.description = `the folder ${path}`;
  }

  /** What lies there already is not looked at. */
  static async open(path: string): Promise<FolderReports> {
    const reports = new FolderReports(path);
    for (const file of await reports.#files()) reports.#known.add(file);
    return reports;
  }

  waitFor(studyInstanceUid: string, patienceMs: number): Promise<DeliveredReport | null> {
    return lookUntil(patienceMs, async () => {
      for (const file of await this.#files()) {
        if (this.#known.has(file)) continue;
        const bytes = await readFile(join(this.#path, file)).catch(() => null);
        const report: ReadReport | null = bytes && readReportFile(bytes);
        if (report?.studyInstanceUid === studyInstanceUid) return { at: Date.now(), report };
        // One that is being written becomes whole; one of another study is of no use.
        if (report) this.#known.add(file);
      }
      return null;
    });
  }

  async close(): Promise<void> {}

  async #files(): Promise<string[]> {
    const entries = await readdir(this.#path, { recursive: true }).catch(() => []);
    return entries.filter((name) => name.endsWith('.dcm'));
  }
}
