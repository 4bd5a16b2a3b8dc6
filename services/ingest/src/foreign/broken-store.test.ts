import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openAssociation } from '@pce/shared/dimse/scu';
import { store, storeContexts } from '@pce/shared/dimse/scu-operations';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '@pce/shared/dimse/sop-classes';
import { CT_IMAGE, ctSlice } from '@pce/test-support/ct-slice';
import { runTool } from '@pce/test-support/foreign-tool';
import type { TestContext } from 'vitest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { datasetBytes, startTestIngest, type TestIngest } from './test-ingest.js';

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

async function send(index: number, study: string): Promise<number> {
  const instance = {
    sopClassUid: CT_IMAGE,
    sopInstanceUid: `1.2.3.${study}.1.${index}`,
    transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN,
    dataset: datasetBytes(ctSlice(study, index, {}, index)),
  };
  const association = await openAssociation({
    host: '127.0.0.1',
    port: ingest?.dicomPort ?? 0,
    callingAeTitle: 'SENDER',
    calledAeTitle: 'PCE',
    contexts: storeContexts([instance]),
  });
  const { status } = await store(association, instance);
  await association.release();
  return status;
}

async function stow(index: number, study: string): Promise<number> {
  const body = Buffer.concat([
    Buffer.from('--b\r\n\r\n'),
    ctSlice(study, index, {}, index),
    Buffer.from('\r\n--b--\r\n'),
  ]);
  const headers = { 'content-type': 'multipart/related; type="application/dicom"; boundary=b' };
  const response = await fetch(`http://127.0.0.1:${ingest?.webPort}/dicomweb/studies`, {
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
    expect([await send(2, '202'), await stow(3, '202')]).toEqual([0x0110, 409]);
  } finally {
    runTool('umount', ['-l', instances]);
  }
  expect([await send(2, '202'), await stow(3, '202')]).toEqual([0, 200]);
});

it('the ledger down: not acknowledged, and taken when it is back', async () => {
  ingest = await startTestIngest();
  const { receiver } = ingest;
  const record = receiver.ledger.recordInstance.bind(receiver.ledger);
  receiver.ledger.recordInstance = () => Promise.reject(new Error('the ledger is away'));
  expect([await send(1, '203'), await stow(2, '203')]).toEqual([0x0110, 409]);
  expect(await ingest.ledger.instancesOfStudy('1.2.3.203')).toEqual([]);
  receiver.ledger.recordInstance = record;
  expect([await send(1, '203'), await stow(2, '203')]).toEqual([0, 200]);
});
