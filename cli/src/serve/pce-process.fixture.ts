import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, runBeside } from '@pce/test-support/foreign-process';
import { readReportFile } from '../selftest/read-report.js';

/** The command as built. */
export const PCE = join(import.meta.dirname, '../../bin/pce.js');

/** Settings of a process, beside what the fixture sets itself. */
export interface PceSettings {
  /** Working folder; the data folder is "data" in it, and several processes may share it. */
  readonly folder: string;
  readonly yaml: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `pce serve` as an installation runs it, in a process of its own. */
export class PceProcess {
  readonly settings: PceSettings;
  readonly output: string[] = [];
  dicomPort = 0;
  webPort = 0;
  #process: ChildProcess | null = null;

  constructor(settings: PceSettings) {
    this.settings = settings;
  }

  /** Starts it on free ports and waits until it is ready. */
  async start(): Promise<void> {
    const { folder, yaml, env } = this.settings;
    this.dicomPort = await freePort();
    this.webPort = await freePort();
    const config = join(folder, 'pce.yaml');
    await writeFile(config, yaml);
    const ports = { PCE_DIMSE_PORT: `${this.dicomPort}`, PCE_HTTP_PORT: `${this.webPort}` };
    const child = spawn(process.execPath, [PCE, 'serve'], {
      cwd: folder,
      env: { ...process.env, PCE_CONFIG: config, ...ports, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.output.push(text));
    await until(() => {
      if (child.exitCode !== null) throw new Error(`pce serve ended with ${child.exitCode}`);
      return this.output.join('').includes('"event":"ready"');
    });
  }

  /** Ends it, if it runs, and gives the exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    this.output.length = 0;
    return child.exitCode;
  }

  /** Tells it something without ending it. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Sends files by dcmtk's storescu; gives what it complained of. */
  async send(files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<string> {
    const folder = await mkdtemp(join(this.settings.folder, 'sent-'));
    for (const file of files) await writeFile(join(folder, file.name), file.bytes);
    const paths = (await readdir(folder)).map((name) => join(folder, name));
    return (await runBeside('storescu', ['-aec', 'PCE', '127.0.0.1', `${this.dicomPort}`, ...paths])).output;
  }

  get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.webPort}${path}`);
  }
}

/** What the reports in the outbox say, by study. */
export async function reportsIn(folder: string): Promise<Map<string, string[]>> {
  const reports = new Map<string, string[]>();
  const outbox = join(folder, 'data/outbox');
  const files = await readdir(outbox, { recursive: true }).catch(() => []);
  for (const file of files.filter((name) => name.endsWith('.dcm'))) {
    const report = readReportFile(await readFile(join(outbox, file)));
    if (!report) continue;
    const { studyInstanceUid, presence } = report;
    reports.set(studyInstanceUid, [...(reports.get(studyInstanceUid) ?? []), `${presence}`]);
  }
  return reports;
}

/** Waits for something that comes by itself; the test's own limit ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}
