import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FsInstanceStore } from '@pce/shared/adapters/fs-instance-store';
import { openPostgresLedger } from '@pce/shared/adapters/postgres-ledger';
import { openAssociation } from '@pce/shared/dimse/scu';
import { store, storeContexts } from '@pce/shared/dimse/scu-operations';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '@pce/shared/dimse/sop-classes';
import { CT_IMAGE, ctSlice } from '@pce/test-support/ct-slice';
import { freePort, startServer } from '@pce/test-support/foreign-process';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { startPostgres } from '@pce/test-support/postgres-server';
import Database from 'libsql';
import type { TestContext } from 'vitest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { datasetBytes, startTestIngest, type TestIngest } from './test-ingest.js';

/** The built service, where the test does something to its process. */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
let ingest: TestIngest | null = null;
let mounted: string | null = null;

/** A small disk of its own; only root may mount one. */
async function mountSmallDisk(folder: string, megabytes: number, test: TestContext): Promise<void> {
  await mkdir(folder, { recursive: true });
  const run = runTool('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  if (run.status !== 0) {
    console.warn('skipped: a small tmpfs cannot be mounted here');
    test.skip('a small tmpfs cannot be mounted here');
  }
  mounted = folder;
}

afterEach(async () => {
  await ingest?.end().catch(() => {});
  if (mounted) runTool('umount', ['-l', mounted]);
  ingest = null;
  mounted = null;
});

let root: string;
beforeEach(() => {
  root = `/tmp/pce-small-disk-${process.pid}-${randomBytes(4).toString('hex')}`;
  return () => rm(root, { recursive: true, force: true });
});

/** Where to send to; the service of the test when not said. */
type Target = Pick<TestIngest, 'dicomPort' | 'webPort'>;

async function send(index: number, study: string, target: Target | null = ingest): Promise<number> {
  const instance = {
    sopClassUid: CT_IMAGE,
    sopInstanceUid: `1.2.3.${study}.1.${index}`,
    transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN,
    dataset: datasetBytes(ctSlice(study, index, {}, index)),
  };
  const association = await openAssociation({
    host: '127.0.0.1',
    port: target?.dicomPort ?? 0,
    callingAeTitle: 'SENDER',
    calledAeTitle: 'PCE',
    contexts: storeContexts([instance]),
  });
  const { status } = await store(association, instance);
  await association.release();
  return status;
}

async function stow(index: number, study: string, target: Target | null = ingest): Promise<number> {
  const body = Buffer.concat([
    Buffer.from('--b\r\n\r\n'),
    ctSlice(study, index, {}, index),
    Buffer.from('\r\n--b--\r\n'),
  ]);
  const headers = { 'content-type': 'multipart/related; type="application/dicom"; boundary=b' };
  const response = await fetch(`http://127.0.0.1:${target?.webPort}/dicomweb/studies`, {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  });
  return response.status;
}

const filler = () => join(root, 'filler');

/** Leaves only so many bytes of the disk free. */
async function fillUpTo(freeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(root);
  await writeFile(filler(), Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
}

it('below the watermark: associations and STOW are refused early, and taken again without a restart', async (test) => {
  await mountSmallDisk(root, 32, test);
  ingest = await startTestIngest((config) => {
    config.dataFolder = join(root, 'data');
    config.watermarkBytes = 8 * 1024 * 1024;
  });
  expect(await send(1, '200')).toBe(0);
  await fillUpTo(6 * 1024 * 1024);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await expect(send(2, '200')).rejects.toMatchObject({ result: 2, source: 3, reason: 1 });
  expect(await stow(2, '200')).toBe(503);
  await rm(filler());
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([await send(2, '200'), await stow(3, '200')]).toEqual([0, 200]);
});

it('the disk runs full in the middle: 0xA700 or 503, nothing half-written, and recovery', async (test) => {
  await mountSmallDisk(join(root), 32, test);
  ingest = await startTestIngest((config) => {
    config.dataFolder = join(root, 'data');
    config.watermarkBytes = 0;
  });
  expect(await send(1, '201')).toBe(0);
  await fillUpTo(0);
  expect(await send(2, '201')).toBe(0xa700);
  expect(await stow(3, '201')).toBe(503);
  expect(await readdir(join(root, 'data/instances/incoming'))).toEqual([]);
  expect(await ingest.ledger.instancesOfStudy('1.2.3.201')).toHaveLength(1);
  await rm(filler());
  expect([await send(2, '201'), await stow(3, '201')]).toEqual([0, 200]);
});

it('a read-only store: a failure that is no success, and recovery', async (test) => {
  await mountSmallDisk(root, 32, test);
  ingest = await startTestIngest((config) => {
    config.dataFolder = join(root, 'data');
    config.watermarkBytes = 0;
  });
  expect(await send(1, '202')).toBe(0);
  const instances = join(root, 'data/instances');
  expect(runTool('mount', ['--bind', instances, instances]).status).toBe(0);
  try {
    expect(runTool('mount', ['-o', 'remount,ro,bind', instances]).status).toBe(0);
    expect([await send(2, '202'), await stow(3, '202')]).toEqual([0x0110, 503]);
  } finally {
    runTool('umount', ['-l', instances]);
  }
  expect([await send(2, '202'), await stow(3, '202')]).toEqual([0, 200]);
});

/** Fails every fsync of the process with EIO until the callback has run, as a disk that breaks does. */
async function withFailingDisk(processId: number, run: () => Promise<void>): Promise<void> {
  const inject = ['-e', 'trace=fdatasync,fsync', '-e', 'inject=fdatasync,fsync:error=EIO'];
  const tracer = spawn('strace', ['-f', '-qq', '-o', '/dev/null', ...inject, '-p', String(processId)]);
  try {
    await expect
      .poll(async () => (await readFile(`/proc/${processId}/status`, 'latin1')).match(/TracerPid:\t(\d+)/)?.[1])
      .toBe(String(tracer.pid));
    await run();
  } finally {
    tracer.kill('SIGINT');
    await once(tracer, 'exit');
  }
}

it('the disk fails with EIO: not acknowledged, nothing visible, and recovery without a restart', async (test) => {
  requireTool('strace', test.skip);
  if (runTool('strace', ['-o', '/dev/null', 'true']).status !== 0) return test.skip('processes cannot be traced here');
  const [dicomPort, webPort] = [await freePort(), await freePort()];
  await mkdir(root);
  const config = join(root, 'pce.yaml');
  const settings = {
    dataFolder: join(root, 'data'),
    watermarkBytes: 0,
    dicom: { host: '127.0.0.1', port: dicomPort, senders: [{ calledAeTitle: 'PCE', callingAeTitles: ['*'] }] },
    web: { port: webPort },
  };
  await writeFile(config, JSON.stringify(settings));
  const server = await startServer(process.execPath, [MAIN, config], dicomPort);
  try {
    const target = { dicomPort, webPort };
    expect(await send(1, '205', target)).toBe(0);
    await withFailingDisk(server.process.pid as number, async () => {
      expect([await send(2, '205', target), await stow(3, '205', target)]).toEqual([0x0110, 503]);
    });
    const folder = join(root, 'data/instances/studies/1.2.3.205/series/1.2.3.205.1/instances');
    expect(await readdir(folder)).toHaveLength(1);
    expect(await readdir(join(root, 'data/instances/incoming'))).toEqual([]);
    expect([await send(2, '205', target), await stow(3, '205', target)]).toEqual([0, 200]);
    expect(await readdir(folder)).toHaveLength(3);
  } finally {
    await server.stop();
  }
});

it('the embedded ledger held by another program: not acknowledged, and taken when it lets go', async () => {
  ingest = await startTestIngest();
  const other = new Database(join(ingest.folder, 'data/ledger.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  expect([await send(1, '203'), await stow(2, '203')]).toEqual([0x0110, 503]);
  other.exec('ROLLBACK');
  other.close();
  expect(await ingest.ledger.instancesOfStudy('1.2.3.203')).toEqual([]);
  expect([await send(1, '203'), await stow(2, '203')]).toEqual([0, 200]);
});

it('the ledger on a PostgreSQL that stops and comes back: not acknowledged in between', async (test) => {
  const postgres = await startPostgres();
  if (!postgres) return test.skip('postgresql is not installed');
  await mkdir(root);
  const ledger = await openPostgresLedger(postgres.url);
  const store = await FsInstanceStore.open({ root, watermarkBytes: 0 });
  try {
    ingest = await startTestIngest(() => {}, null, { state: { ledger, store } });
    expect([await send(1, '206'), await stow(2, '206')]).toEqual([0, 200]);
    await postgres.restart(async () => {
      expect([await send(3, '206'), await stow(4, '206')]).toEqual([0x0110, 503]);
    });
    expect([await send(3, '206'), await stow(4, '206')]).toEqual([0, 200]);
    expect(await ledger.instancesOfStudy('1.2.3.206')).toHaveLength(4);
  } finally {
    await ingest?.end();
    ingest = null;
    await ledger.close();
    await store.close();
    await postgres.stop();
  }
});
