import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPart10 } from '@pce/shared/dicom/part10';
import { openAssociation } from '@pce/shared/dimse/scu';
import { echo, store, storeContexts } from '@pce/shared/dimse/scu-operations';
import { EXPLICIT_VR_LITTLE_ENDIAN, SOP_CLASS } from '@pce/shared/dimse/sop-classes';
import { CT_IMAGE, ctSlice, writeFiles } from '@pce/test-support/ct-slice';
import { freePort, runBeside, startServer } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import dcmjsDimse from 'dcmjs-dimse';
import { afterEach, describe, expect, it } from 'vitest';
import { datasetBytes, holdsDataset, startTestIngest, type TestIngest } from './test-ingest.js';

let ingest: TestIngest;
afterEach(() => ingest?.end());

describe('other senders', () => {
  it('gdcmscu: echo and store', async (test) => {
    requireTool('gdcmscu', test.skip);
    ingest = await startTestIngest();
    const [path = ''] = await writeFiles(ingest.folder, [ctSlice('80', 1)]);
    // gdcmscu 3.0.21 crashes after its release, against any server: what counts is what happened before.
    const peer = ['--aetitle', 'GDCM', '--call', 'PCE', '127.0.0.1', String(ingest.dicomPort)];
    await runBeside('gdcmscu', ['--echo', ...peer]);
    await runBeside('gdcmscu', ['--store', ...peer, path]);
    const ends = () => ingest.events.filter(({ event }) => event === 'association-ended');
    await expect.poll(() => ends().map(({ fields }) => fields.cause)).toEqual(['released', 'released']);
    expect(await holdsDataset(ingest, '1.2.3.80.1.1', path)).toBe(true);
  });

  it('dcmjs-dimse: echo and store', async () => {
    ingest = await startTestIngest();
    const [path = ''] = await writeFiles(ingest.folder, [ctSlice('81', 1)]);
    const { Client, constants, requests } = dcmjsDimse;
    const statuses: number[] = [];
    await new Promise<void>((resolve, reject) => {
      const client = new Client();
      for (const request of [new requests.CEchoRequest(), new requests.CStoreRequest(path)]) {
        request.on('response', (response: { getStatus(): number }) => statuses.push(response.getStatus()));
        client.addRequest(request);
      }
      client.on('closed', resolve);
      client.on('networkError', reject);
      client.send('127.0.0.1', ingest.dicomPort, 'DCMJS', 'PCE');
    });
    expect(statuses).toEqual([constants.Status.Success, constants.Status.Success]);
    expect(await ingest.ledger.findInstances('1.2.3.81.1.1')).toHaveLength(1);
  });
});

describe('our SCU sends', () => {
  it('to storescp: the bytes arrive unchanged', async (test) => {
    requireTool('storescp', test.skip);
    ingest = await startTestIngest();
    const [port, folder] = [await freePort(), join(ingest.folder, 'received')];
    await mkdir(folder);
    const server = await startServer(
      'storescp',
      ['-od', folder, '+xa', '-pdu', '16384', '--bit-preserving', String(port)],
      port,
    );
    const instances = [1, 2, 3].map((index) => ({
      sopClassUid: CT_IMAGE,
      sopInstanceUid: `1.2.3.82.1.${index}`,
      transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN,
      dataset: datasetBytes(ctSlice('82', index)),
    }));
    const association = await openAssociation({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'PCE',
      calledAeTitle: 'STORESCP',
      contexts: [
        { abstractSyntax: SOP_CLASS.verification, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] },
        ...storeContexts(instances),
      ],
      asynchronousOperations: { maxInvoked: 8, maxPerformed: 1 },
    });
    expect(await echo(association)).toEqual({ status: 0 });
    for (const instance of instances) expect(await store(association, instance)).toEqual({ status: 0 });
    await association.release();
    await server.stop();
    const names = (await readdir(folder)).sort();
    expect(names).toHaveLength(3);
    for (const [index, name] of names.entries()) {
      const file = await readFile(join(folder, name));
      expect(readPart10(file).dataset.string('SOPInstanceUID')).toBe(instances[index]?.sopInstanceUid);
      expect(datasetBytes(file).equals(instances[index]?.dataset as Buffer)).toBe(true);
    }
  });
});
