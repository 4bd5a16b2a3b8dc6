import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPart10 } from '@pce/shared/dicom/part10';
import { ctSlice, writeFiles } from '@pce/test-support/ct-slice';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { runBeside } from '@pce/test-support/foreign-process';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { afterEach, describe, expect, it } from 'vitest';
import { holdsDataset, startTestIngest, type TestIngest } from './test-ingest.js';

let ingest: TestIngest;
afterEach(() => ingest?.end());

const storescu = (args: string[]) => runBeside('storescu', ['-aec', 'PCE', ...args]);
const target = () => ['127.0.0.1', String(ingest.dicomPort)];

describe('dcmtk sends to us', () => {
  it('echoscu: an echo, and a refusal that says what to add', async (test) => {
    requireTool('echoscu', test.skip);
    ingest = await startTestIngest((config) => {
      config.dicom.senders = [
        {
          calledAeTitle: 'PCE',
          callingAeTitles: ['CT1'],
          addresses: ['127.0.0.1'],
          certificateFingerprints: [],
          maxAssociationsPerPeer: 2,
        },
      ];
    });
    const echo = (aet: string) => runBeside('echoscu', ['-aet', aet, '-aec', 'PCE', ...target()]);
    expect((await echo('CT1')).status).toBe(0);
    expect((await echo('CT2')).output).toContain('Calling AE Title Not Recognized');
    expect(ingest.events.find(({ event }) => event === 'association-rejected')?.fields.detail).toBe(
      'CT2 at 127.0.0.1 is not known. To let it send, add "CT2" to callingAeTitles under dicom.senders, at calledAeTitle: PCE.',
    );
  });

  it.each<[string, string[], string[], string]>([
    ['implicit little endian', ['dcmconv', '+ti'], ['-xi'], '1.2.840.10008.1.2'],
    ['explicit little endian', ['dcmconv', '+te'], ['-xe'], '1.2.840.10008.1.2.1'],
    ['explicit big endian', ['dcmconv', '+tb'], ['-xb'], '1.2.840.10008.1.2.2'],
    ['deflated', ['dcmconv', '+td'], ['-xd'], '1.2.840.10008.1.2.1.99'],
    ['RLE', ['dcmcrle'], ['-xr'], '1.2.840.10008.1.2.5'],
    ['JPEG lossless .70', ['dcmcjpeg', '+e1'], ['-xs'], '1.2.840.10008.1.2.4.70'],
    ['JPEG-LS lossless', ['dcmcjpls'], ['-xt'], '1.2.840.10008.1.2.4.80'],
    ['JPEG-LS near lossless', ['dcmcjpls', '+en'], ['-xu'], '1.2.840.10008.1.2.4.81'],
    ['JPEG 2000 lossless', ['gdcmconv', '--j2k'], ['-xv'], '1.2.840.10008.1.2.4.90'],
    ['JPEG baseline', ['dcmcjpeg', '+eb'], ['-xy'], '1.2.840.10008.1.2.4.50'],
    ['JPEG extended 12 bit', ['dcmcjpeg', '+ee'], ['-xx'], '1.2.840.10008.1.2.4.51'],
  ])('storescu in %s: the data set is kept byte for byte', async (name, converter, flags, syntax) => {
    ingest = await startTestIngest();
    const [tool = '', ...options] = converter;
    const is8Bit = name === 'JPEG baseline';
    const isUnsigned = name === 'JPEG-LS near lossless';
    const is12Bit = name === 'JPEG extended 12 bit';
    const pixels = is8Bit
      ? { BitsAllocated: 8, BitsStored: 8, HighBit: 7, PixelRepresentation: 0, Rows: 128 }
      : { ...(is12Bit ? { BitsStored: 12, HighBit: 11 } : {}), PixelRepresentation: Number(!is12Bit && !isUnsigned) };
    const [source = ''] = await writeFiles(ingest.folder, [ctSlice('7', 1, pixels)]);
    const sent = join(ingest.folder, 'sent.dcm');
    const converted = runTool(tool, [...options, source, sent]);
    expect([converted.status, converted.stderr.toString()]).toEqual([0, expect.any(String)]);
    expect(readPart10(await readFile(sent)).transferSyntaxUid).toBe(syntax);
    const run = await storescu([...flags, ...target(), sent]);
    expect([run.status, run.output]).toEqual([0, expect.any(String)]);
    const uid = readPart10(await readFile(sent)).dataset.string('SOPInstanceUID') ?? '';
    expect(await holdsDataset(ingest, uid, sent)).toBe(true);
    expect((await ingest.ledger.findInstances(uid))[0]?.transferSyntaxUid).toBe(syntax);
  });

  it.each<[string, string, string]>([
    ['JPEG 2000', '-xw', '1.2.840.10008.1.2.4.91'],
    ['MPEG-2', '-xm', '1.2.840.10008.1.2.4.100'],
    ['MPEG-2 high', '-xh', '1.2.840.10008.1.2.4.101'],
    ['H.264', '-xn', '1.2.840.10008.1.2.4.102'],
    ['H.264 for Blu-ray', '-xl', '1.2.840.10008.1.2.4.103'],
    ['H.264 2D', '-x2', '1.2.840.10008.1.2.4.104'],
    ['H.264 3D', '-x3', '1.2.840.10008.1.2.4.105'],
    ['H.264 stereo', '-xo', '1.2.840.10008.1.2.4.106'],
    ['HEVC', '-x4', '1.2.840.10008.1.2.4.107'],
    ['HEVC 10 bit', '-x5', '1.2.840.10008.1.2.4.108'],
  ])(
    'storescu in %s, with a frame that nobody could decode: kept byte for byte all the same',
    async (_name, flag, syntax) => {
      ingest = await startTestIngest();
      const video = buildDicom({
        transferSyntaxUid: syntax,
        attributes: {
          SOPClassUID: '1.2.840.10008.5.1.4.1.1.77.1.1.1',
          SOPInstanceUID: '1.2.3.13',
          StudyInstanceUID: '1.2.4',
          SeriesInstanceUID: '1.2.5',
          Modality: 'ES',
        },
        pixelData: [new Uint8Array(0), new Uint8Array(randomBytes(20_000))],
      });
      const [path = ''] = await writeFiles(ingest.folder, [video]);
      const run = await storescu(['-R', flag, ...target(), path]);
      expect([run.status, run.output]).toEqual([0, '']);
      expect(await holdsDataset(ingest, '1.2.3.13', path)).toBe(true);
      expect((await ingest.ledger.findInstances('1.2.3.13'))[0]?.transferSyntaxUid).toBe(syntax);
    },
  );

  it('storescu --repeat: the same bytes again are a success and no second row', async (test) => {
    requireTool('storescu', test.skip);
    ingest = await startTestIngest();
    const [path = ''] = await writeFiles(ingest.folder, [ctSlice('8', 1)]);
    const run = await storescu(['-v', '--repeat', '4', ...target(), path]);
    expect(run.output.match(/Received Store Response \(Success\)/g)).toHaveLength(4);
    expect(await ingest.ledger.findInstances('1.2.3.8.1.1')).toHaveLength(1);
    const folder = join(ingest.folder, 'data/instances/studies/1.2.3.8/series/1.2.3.8.1/instances');
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('the same UID with other bytes: both are kept, the sender is warned', async (test) => {
    requireTool('storescu', test.skip);
    ingest = await startTestIngest();
    const paths = await writeFiles(ingest.folder, [ctSlice('9', 1, {}, 1), ctSlice('9', 1, {}, 2)]);
    const run = await storescu(['-v', ...target(), ...paths]);
    expect(run.output).toContain('Received Store Response (Success)');
    expect(run.output).toMatch(/Received Store Response \(Warning: Coercion/);
    const held = await ingest.ledger.findInstances('1.2.3.9.1.1');
    expect(held.map((instance) => instance.isConflicting)).toEqual([false, true]);
    expect(await holdsDataset(ingest, '1.2.3.9.1.1', paths[0] as string)).toBe(true);
  });

  it('storescu --abort ends the association, and everything sent before is kept', async (test) => {
    requireTool('storescu', test.skip);
    ingest = await startTestIngest();
    const paths = await writeFiles(ingest.folder, [ctSlice('10', 1), ctSlice('10', 2)]);
    await storescu(['--abort', ...target(), ...paths]);
    expect(await ingest.ledger.instancesOfStudy('1.2.3.10')).toHaveLength(2);
    await expect
      .poll(() => ingest.events.filter(({ event }) => event === 'association-ended').map(({ fields }) => fields.cause))
      .toEqual(['aborted-by-peer']);
  });

  it.each([4096, 16384, 131072])('storescu with PDUs of %i bytes, an image of several megabytes', async (pduBytes) => {
    ingest = await startTestIngest((config) => {
      config.dicom.maxPduLength = pduBytes;
    });
    const image = buildDicom({
      attributes: {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.1.1',
        SOPInstanceUID: '1.2.3.11',
        StudyInstanceUID: '1.2.4',
        SeriesInstanceUID: '1.2.5',
        Rows: 2048,
        Columns: 2048,
        BitsAllocated: 16,
      },
      pixelData: new Uint8Array(randomBytes(2048 * 2048 * 2)),
    });
    const [path = ''] = await writeFiles(ingest.folder, [image]);
    const run = await storescu(['-pdu', String(pduBytes), '-xe', ...target(), path]);
    expect([run.status, run.output]).toEqual([0, '']);
    expect(await holdsDataset(ingest, '1.2.3.11', path)).toBe(true);
  });

  it('several associations at the same time', async (test) => {
    requireTool('storescu', test.skip);
    ingest = await startTestIngest();
    const folders = await Promise.all(
      ['21', '22', '23', '24'].map(async (study) => {
        const folder = join(ingest.folder, study);
        await mkdir(folder);
        await writeFiles(
          folder,
          Array.from({ length: 15 }, (_, index) => ctSlice(study, index + 1)),
        );
        return folder;
      }),
    );
    const runs = await Promise.all(folders.map((folder) => storescu(['+sd', ...target(), folder])));
    expect(runs.map((run) => run.status)).toEqual([0, 0, 0, 0]);
    for (const study of ['21', '22', '23', '24']) {
      expect(await ingest.ledger.instancesOfStudy(`1.2.3.${study}`)).toHaveLength(15);
    }
  });

  it('over TLS, with a client certificate that is on the list and one that is not', async (test) => {
    requireTool('storescu', test.skip);
    requireTool('openssl', test.skip);
    ingest = await startTestIngest();
    const { folder } = ingest;
    const certificate = (name: string) => {
      const made = runTool('openssl', [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        join(folder, `${name}.key`),
        '-out',
        join(folder, `${name}.pem`),
      ]);
      expect(made.status).toBe(0);
      return join(folder, name);
    };
    const [server, known, stranger] = [certificate('server'), certificate('known'), certificate('stranger')];
    const fingerprint =
      runTool('openssl', ['x509', '-in', `${known}.pem`, '-noout', '-fingerprint', '-sha256'])
        .stdout.toString()
        .trim()
        .split('=')[1] ?? '';
    const both = join(folder, 'peers.pem');
    await runBeside('sh', ['-c', `cat ${known}.pem ${stranger}.pem > ${both}`]);
    const [path = ''] = await writeFiles(folder, [ctSlice('12', 1)]);
    const plain = ingest;
    ingest = await startTestIngest((config) => {
      config.dicom.tls = {
        certificateFile: `${server}.pem`,
        keyFile: `${server}.key`,
        caFile: both,
        requireClientCertificate: true,
      };
      const [sender] = config.dicom.senders;
      if (sender) sender.certificateFingerprints = [fingerprint];
    });
    const send = (client: string) =>
      storescu(['+tls', `${client}.key`, `${client}.pem`, '+cf', `${server}.pem`, ...target(), path]);
    const [good, bad] = [await send(known), await send(stranger)];
    const unencrypted = await storescu([...target(), path]);
    await plain.end();
    expect([good.status, good.output]).toEqual([0, '']);
    expect(bad.status).not.toBe(0);
    expect(unencrypted.status).not.toBe(0);
    expect(await ingest.ledger.findInstances('1.2.3.12.1.1')).toHaveLength(1);
    expect(ingest.events.find(({ event }) => event === 'association-rejected')?.fields.detail).toContain(
      'shows a certificate that is not known',
    );
  });
});
