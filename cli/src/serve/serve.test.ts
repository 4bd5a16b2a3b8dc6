import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBeside } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import { simulateCtStudy, simulateRadiographStudy } from '@pce/test-support/phantom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PCE, PceProcess, reportsIn, until } from './pce-process.fixture.js';

const film = simulateRadiographStudy({ seed: 1, emboli: 5, pixelMm: 0.4 });
const ct = simulateCtStudy({ seed: 11, columns: 320, slices: 120, emboli: 5 });
/** What was cut off is waited for no longer than a test can bear. */
const SHORT_QUIET_PERIOD = 'readiness: { quietSeconds: { CT: 2, DX: 0 } }';

describe('pce serve', () => {
  let service: PceProcess;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pce-serve-'));
    service = new PceProcess({ folder, yaml: SHORT_QUIET_PERIOD });
    await service.start();
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
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
    expect(await service.send(film.files)).toBe('');
    expect(await service.send(ct.files)).toBe('');
    const [filmUid, ctUid] = [film.truth.studyInstanceUid, ct.truth.studyInstanceUid];
    await until(async () => (await reportsIn(folder)).size === 2);
    const reports = await reportsIn(folder);
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
    expect([...(await reportsIn(folder)).values()].map((one) => one.length)).toEqual([1, 1]);
  });

  it('killed while it works, loses nothing and doubles nothing', async ({ skip }) => {
    requireTool('storescu', skip);
    const studies = [21, 22].map((seed) => simulateCtStudy({ seed, columns: 128, slices: 40, emboli: 2 }));
    for (const study of studies) {
      expect(await service.send(study.files)).toBe('');
      await service.end('SIGKILL');
      await service.start();
    }
    const uids = studies.map(({ truth }) => truth.studyInstanceUid);
    await until(async () => {
      const reports = await reportsIn(folder);
      return uids.every((uid) => reports.has(uid));
    });
    await service.end('SIGTERM');
    const reports = await reportsIn(folder);
    expect(uids.map((uid) => reports.get(uid)?.length)).toEqual([1, 1]);
    expect(reports.size).toBe(4);
    await service.start();
  });

  it('refuses a second one on the same folder, and says why', async () => {
    const second = await runBeside(process.execPath, [PCE, 'serve'], {
      cwd: folder,
      env: { PCE_DIMSE_PORT: '0', PCE_HTTP_PORT: '0' },
    });
    expect(second.status).toBe(1);
    expect(second.output).toContain('expected no other process to use this ledger');
  });
});
