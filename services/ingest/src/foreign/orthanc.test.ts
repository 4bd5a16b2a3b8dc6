import { readBareDataset } from '@pce/shared/dicom/bare-dataset';
import { writeSmallDataset } from '@pce/shared/dicom/small-dataset-writer';
import { startScp } from '@pce/shared/dimse/scp';
import { openAssociation } from '@pce/shared/dimse/scu';
import { echo, find, get, move, requestAction, store, storeContexts } from '@pce/shared/dimse/scu-operations';
import { EXPLICIT_VR_LITTLE_ENDIAN, SOP_CLASS, STORAGE_COMMITMENT_INSTANCE } from '@pce/shared/dimse/sop-classes';
import { CT_IMAGE, ctSlice } from '@pce/test-support/ct-slice';
import { freePort } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import { type Orthanc, startOrthanc } from '@pce/test-support/orthanc-server';
import { afterEach, describe, expect, it } from 'vitest';
import { datasetBytes, startTestIngest, type TestIngest } from './test-ingest.js';

let ingest: TestIngest | null = null;
let orthanc: Orthanc | null = null;
afterEach(async () => {
  await orthanc?.stop();
  await ingest?.end();
  ingest = null;
  orthanc = null;
});

const EXPLICIT = [EXPLICIT_VR_LITTLE_ENDIAN];
const association = (port: number, more: Partial<Parameters<typeof openAssociation>[0]> = {}) =>
  openAssociation({
    host: '127.0.0.1',
    port,
    callingAeTitle: 'PCE',
    calledAeTitle: 'ORTHANC',
    contexts: [{ abstractSyntax: SOP_CLASS.verification, transferSyntaxes: EXPLICIT }],
    ...more,
  });

describe('Orthanc and our ingest', () => {
  it('C-STORE and STOW-RS from it: what it sent is kept byte for byte', async (test) => {
    const program = requireTool('Orthanc', test.skip);
    ingest = await startTestIngest();
    orthanc = await startOrthanc(program, ingest.folder, {
      dicomPort: ingest.dicomPort,
      webUrl: `http://127.0.0.1:${ingest.webPort}/dicomweb/`,
    });
    const files = [ctSlice('60', 1), ctSlice('60', 2)];
    const ids: string[] = [];
    for (const file of files) ids.push(((await orthanc.call('POST', '/instances', file)) as { ID: string }).ID);
    await orthanc.call('POST', '/modalities/pce/echo', {});
    await orthanc.call('POST', '/modalities/pce/store', { Resources: ids, Synchronous: true });
    const held = await ingest.ledger.instancesOfStudy('1.2.3.60');
    expect(held.map((instance) => instance.sopInstanceUid)).toEqual(['1.2.3.60.1.1', '1.2.3.60.1.2']);
    for (const [index, instance] of held.entries()) {
      const sent = datasetBytes(await orthanc.bytes(`/instances/${ids[index]}/file`));
      expect(datasetBytes(await ingest.store.read(instance)).equals(sent)).toBe(true);
    }
    const third = ((await orthanc.call('POST', '/instances', ctSlice('61', 1))) as { ID: string }).ID;
    await orthanc.call('POST', '/dicom-web/servers/pce/stow', { Resources: [third], Synchronous: true });
    expect((await ingest.ledger.instancesOfStudy('1.2.3.61'))[0]?.source.door).toBe('stow');
  });

  it('asks us to commit: we report what we hold, on a new association', async (test) => {
    const program = requireTool('Orthanc', test.skip);
    const dicomPort = await freePort();
    const peers: { aeTitle: string; host: string; port: number }[] = [];
    ingest = await startTestIngest((config) => {
      config.dicom.port = dicomPort;
      config.dicom.commitmentPeers = peers;
    });
    orthanc = await startOrthanc(program, ingest.folder, { dicomPort });
    peers.push({ aeTitle: 'ORTHANC', host: '127.0.0.1', port: orthanc.dicomPort });
    const { ID } = (await orthanc.call('POST', '/instances', ctSlice('62', 1))) as { ID: string };
    await orthanc.call('POST', '/modalities/pce/store', { Resources: [ID], Synchronous: true });
    const missing = { SOPClassUID: CT_IMAGE, SOPInstanceUID: '1.2.3.62.1.77' };
    const asked = (await orthanc.call('POST', '/modalities/pce/storage-commitment', {
      DicomInstances: [{ SOPClassUID: CT_IMAGE, SOPInstanceUID: '1.2.3.62.1.1' }, missing],
    })) as { ID: string };
    const report = async () =>
      (await orthanc?.call('GET', `/storage-commitment/${asked.ID}`)) as {
        Status: string;
        Success?: { SOPInstanceUID: string }[];
        Failures?: { SOPInstanceUID: string; Description: string }[];
      };
    await expect.poll(async () => (await report()).Status, { timeout: 10_000 }).toBe('Failure');
    const result = await report();
    expect(result.Success?.map((item) => item.SOPInstanceUID)).toEqual(['1.2.3.62.1.1']);
    expect(result.Failures?.map((item) => [item.SOPInstanceUID, item.Description])).toEqual([
      ['1.2.3.62.1.77', 'One or more of the elements in the Referenced SOP Instance Sequence was not available'],
    ]);
  });
});

describe('our SCU and Orthanc', () => {
  it('echo, store, find, get, move, and commitment by Orthanc reported to our server', async (test) => {
    const program = requireTool('Orthanc', test.skip);
    ingest = await startTestIngest();
    const reports: string[][] = [];
    const commitmentServer = await startScp({
      host: '127.0.0.1',
      port: 0,
      maxAssociations: 4,
      maxPduLength: 16384,
      patience: { artimMs: 5000, stallMs: 5000, idleMs: 5000 },
      responseTimeoutMs: 5000,
      asynchronousOperations: { maxInvoked: 1, maxPerformed: 1 },
      admit: () => ({
        kind: 'accept',
        contexts: () => ({ transferSyntaxes: EXPLICIT, mayBeScp: true }),
        services: {
          eventReport: (request) => {
            const dataset = readBareDataset(request.dataset, request.context.transferSyntax);
            reports.push([
              String(request.typeId),
              ...dataset.items('ReferencedSOPSequence').map((item) => item.string('ReferencedSOPInstanceUID') ?? ''),
            ]);
            return { status: 0 };
          },
        },
      }),
    });
    orthanc = await startOrthanc(program, ingest.folder, { dicomPort: commitmentServer.port });
    const files = [ctSlice('70', 1), ctSlice('70', 2)];
    const instances = files.map((file, index) => ({
      sopClassUid: CT_IMAGE,
      sopInstanceUid: `1.2.3.70.1.${index + 1}`,
      transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN,
      dataset: datasetBytes(file),
    }));
    const sending = await association(orthanc.dicomPort, {
      contexts: [
        { abstractSyntax: SOP_CLASS.verification, transferSyntaxes: EXPLICIT },
        ...storeContexts(instances),
        { abstractSyntax: SOP_CLASS.storageCommitmentPushModel, transferSyntaxes: EXPLICIT },
      ],
    });
    expect(await echo(sending)).toEqual({ status: 0 });
    for (const instance of instances) expect(await store(sending, instance)).toEqual({ status: 0 });
    const request = writeSmallDataset(
      {
        TransactionUID: '2.25.4711',
        ReferencedSOPSequence: instances.map((instance) => ({
          ReferencedSOPClassUID: CT_IMAGE,
          ReferencedSOPInstanceUID: instance.sopInstanceUid,
        })),
      },
      true,
    );
    const call = {
      sopClassUid: SOP_CLASS.storageCommitmentPushModel,
      sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
      typeId: 1,
      dataset: request,
    };
    expect(await requestAction(sending, call)).toEqual({ status: 0 });
    await sending.release();
    await expect.poll(() => reports, { timeout: 10_000 }).toEqual([['1', '1.2.3.70.1.1', '1.2.3.70.1.2']]);
    await commitmentServer.close(0);

    const query = writeSmallDataset({ QueryRetrieveLevel: 'STUDY', PatientID: 'ID70', StudyInstanceUID: '' }, true);
    const received: Buffer[] = [];
    const asking = await association(orthanc.dicomPort, {
      contexts: [
        ...[SOP_CLASS.studyRootFind, SOP_CLASS.studyRootGet].map((abstractSyntax) => ({
          abstractSyntax,
          transferSyntaxes: EXPLICIT,
        })),
        ...storeContexts(instances),
      ],
      roles: [{ sopClassUid: CT_IMAGE, scu: false, scp: true }],
      services: {
        store: () => {
          const parts: Buffer[] = [];
          const end = async () => {
            received.push(Buffer.concat(parts));
            return { status: 0 };
          };
          return {
            kind: 'take',
            sink: { write: (bytes) => void parts.push(Buffer.from(bytes)), end, discard: () => {} },
          };
        },
      },
    });
    const found: (string | undefined)[] = [];
    for await (const identifier of find(asking, SOP_CLASS.studyRootFind, query)) {
      found.push(readBareDataset(identifier, EXPLICIT_VR_LITTLE_ENDIAN).string('StudyInstanceUID'));
    }
    expect(found).toEqual(['1.2.3.70']);
    const study = writeSmallDataset({ QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2.3.70' }, true);
    const progress = [];
    for await (const step of get(asking, SOP_CLASS.studyRootGet, study)) progress.push(step);
    expect(progress.at(-1)).toMatchObject({ status: 0, completed: 2, failed: 0 });
    expect(received.map((bytes) => bytes.length)).toEqual(files.map((file) => datasetBytes(file).length));
    await asking.release();
  });

  it('C-MOVE brings a study to our own server', async (test) => {
    const program = requireTool('Orthanc', test.skip);
    ingest = await startTestIngest();
    orthanc = await startOrthanc(program, ingest.folder, { dicomPort: ingest.dicomPort });
    await orthanc.call('POST', '/instances', ctSlice('71', 1));
    const asking = await association(orthanc.dicomPort, {
      contexts: [{ abstractSyntax: SOP_CLASS.studyRootMove, transferSyntaxes: EXPLICIT }],
    });
    const study = writeSmallDataset({ QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2.3.71' }, true);
    const progress = [];
    for await (const step of move(asking, SOP_CLASS.studyRootMove, study, 'PCE')) progress.push(step);
    expect(progress.at(-1)).toMatchObject({ status: 0, completed: 1 });
    await asking.release();
    expect(await ingest.ledger.instancesOfStudy('1.2.3.71')).toHaveLength(1);
  });
});
