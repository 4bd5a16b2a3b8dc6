import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, runBeside } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import { simulateCtStudy, simulateRadiographStudy } from '@pce/test-support/phantom';
import type { SimulatedStudy } from '@pce/test-support/truth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readReportFile } from '../selftest/read-report.js';

const PCE = join(import.meta.dirname, '../../bin/pce.js');
const film = simulateRadiographStudy({ seed: 1, emboli: 5, pixelMm: 0.4 });
const ct = simulateCtStudy({ seed: 11, columns: 320, slices: 120, emboli: 5 });

/** What was cut off is waited for no longer than a test can bear. */
const SHORT_QUIET_PERIOD = 'readiness: { quietSeconds: { CT: 2, DX: 0 } }';

/** The command as an installation runs it, with a folder of its own. */
class Service {
  readonly folder: string;
  readonly output: string[] = [];
  dicomPort = 0;
  webPort = 0;
  #process: ChildProcess | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  async start(): Promise<void> {
    this.dicomPort = await freePort();
    this.webPort = await freePort();
    const config = join(this.folder, 'pce.yaml');
    await writeFile(config, SHORT_QUIET_PERIOD);
    const child = spawn(process.execPath, [PCE, 'serve'], {
      cwd: this.folder,
      env: {
        ...process.env,
        PCE_CONFIG: config,
        PCE_DIMSE_PORT: `${this.dicomPort}`,
        PCE_HTTP_PORT: `${this.webPort}`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.output.push(text));
    await until(() => {
      if (child.exitCode !== null) throw new Error(`pce serve ended with ${child.exitCode}`);
      return this.output.join('').includes('"event":"ready"');
    });
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process!;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    this.output.length = 0;
    return child.exitCode;
  }

  async send(study: SimulatedStudy, name: string): Promise<void> {
    const folder = await mkdtemp(join(this.folder, 'sent-'));
    for (const file of study.files) await writeFile(join(folder, file.name), file.bytes);
    const files = (await readdir(folder)).map((file) => join(folder, file));
    const run = await runBeside('storescu', ['-aec', 'PCE', '127.0.0.1', `${this.dicomPort}`, ...files]);
    expect(`${name}: ${run.output}`).toBe(`${name}: `);
  }

  /** Reports in the outbox, by study. */
  async reports(): Promise<Map<string, string[]>> {
    const reports = new Map<string, string[]>();
    const files = await readdir(join(this.folder, 'data/outbox'), { recursive: true }).catch(() => []);
    for (const file of files.filter((name) => name.endsWith('.dcm'))) {
      const bytes = await readFile(join(this.folder, 'data/outbox', file));
      const report = readReportFile(bytes);
      if (!report) continue;
      const { studyInstanceUid, presence } = report;
      reports.set(studyInstanceUid, [...(reports.get(studyInstanceUid) ?? []), `${presence}`]);
    }
    return reports;
  }

  get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.webPort}${path}`);
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('pce serve', () => {
  let service: Service;
  beforeAll(async () => {
    service = new Service(await mkdtemp(join(tmpdir(), 'pce-serve-')));
    await service.start();
  });
  afterAll(async () => {
    await service.end('SIGKILL').catch(() => {});
    await rm(service.folder, { recursive: true, force: true });
  });

  it('says with which settings it runs, that it is well, and how it does', async () => {
    const output = service.output.join('');
    expect(output).toContain('Research software. Not for clinical use');
    expect(output).toMatch(/reports to +data\/outbox/);
    expect(await (await service.get('/healthz')).json()).toMatchObject({ status: 'ok' });
    expect(await (await service.get('/readyz')).json()).toEqual({ ready: true, problems: [] });
    expect(await (await service.get('/metrics')).text()).toMatch(/^pce_jobs_waiting\{kind="analyse"\} 0$/m);
  });

  it('turns what storescu sends into a report in the outbox and a line of the worklist', async ({ skip }) => {
    requireTool('storescu', skip);
    await service.send(film, 'film');
    await service.send(ct, 'CT');
    const [filmUid, ctUid] = [film.truth.studyInstanceUid, ct.truth.studyInstanceUid];
    await until(async () => (await service.reports()).size === 2);
    const reports = await service.reports();
    expect(reports.get(ctUid)).toEqual(['present']);
    expect(reports.get(filmUid)).toHaveLength(1);
    const rows = await (await service.get('/worklist/api/studies')).json();
    expect(JSON.stringify(rows)).toContain('SIM-CT-11');
    const metrics = await (await service.get('/metrics')).text();
    expect(metrics).toMatch(/^pce_instances_received_total\{door="dimse"\} 121$/m);
    expect(metrics).toMatch(/^pce_deliveries\{destination="outbox",state="delivered"\} 2$/m);
  });

  it('stops when asked to, and goes on with what it had', async () => {
    expect(await service.end('SIGTERM')).toBe(0);
    await service.start();
    const rows = await (await service.get('/worklist/api/studies')).json();
    expect(JSON.stringify(rows)).toContain('SIM-CT-11');
    expect([...(await service.reports()).values()].map((one) => one.length)).toEqual([1, 1]);
  });

  it('killed while it works, loses nothing and doubles nothing', async ({ skip }) => {
    requireTool('storescu', skip);
    const studies = [21, 22].map((seed) => simulateCtStudy({ seed, columns: 128, slices: 40, emboli: 2 }));
    for (const [index, study] of studies.entries()) {
      await service.send(study, `CT ${index}`);
      await service.end('SIGKILL');
      await service.start();
    }
    const uids = studies.map(({ truth }) => truth.studyInstanceUid);
    await until(async () => {
      const reports = await service.reports();
      return uids.every((uid) => reports.has(uid));
    });
    await service.end('SIGTERM');
    const reports = await service.reports();
    expect(uids.map((uid) => reports.get(uid)?.length)).toEqual([1, 1]);
    expect(reports.size).toBe(4);
    await service.start();
  });

  it('refuses a second one on the same folder, and says why', async () => {
    const second = await runBeside(process.execPath, [PCE, 'serve'], {
      cwd: service.folder,
      env: { PCE_DIMSE_PORT: '0', PCE_HTTP_PORT: '0' },
    });
    expect(second.status).toBe(1);
    expect(second.output).toContain('expected no other process to use this ledger');
  });
});
