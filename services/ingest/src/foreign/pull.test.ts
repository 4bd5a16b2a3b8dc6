import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ctSlice, writeFiles } from '@pce/test-support/ct-slice';
import { type ForeignServer, freePort, runBeside, startServer } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import { type Orthanc, startOrthanc } from '@pce/test-support/orthanc-server';
import { afterEach, describe, expect, it } from 'vitest';
import type { IngestConfig } from '../config-schema.js';
import { startTestIngest, type TestIngest } from './test-ingest.js';

let ingest: TestIngest;
let server: ForeignServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
  await ingest?.end();
});

type PullSource = IngestConfig['pullSources'][number];
const sources: PullSource[] = [];
const wanted = [1, 2].map((index) => ctSlice('120', index, { AccessionNumber: 'A1' }));
const other = ctSlice('121', 1, { AccessionNumber: 'A2' });
const WANTED_UIDS = ['1.2.3.120.1.1', '1.2.3.120.1.2'];

async function startWithSources(): Promise<void> {
  sources.length = 0;
  ingest = await startTestIngest((config) => {
    config.pullSources = sources;
  });
}

function dimseSource(port: number, aeTitle: string, method: 'move' | 'get'): PullSource {
  return { name: 'pacs', dimse: { host: '127.0.0.1', port, aeTitle, ownAeTitle: 'PCE', method } };
}

/** Asks for studies and gives the status and the lines of the answer. */
async function pull(body: object): Promise<[number, object[]]> {
  const response = await fetch(`http://127.0.0.1:${ingest.webPort}/pulls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const lines = (await response.text()).trim().split('\n');
  return [response.status, lines.map((line) => JSON.parse(line) as object)];
}

const heldUids = async (study: string) =>
  (await ingest.ledger.instancesOfStudy(study)).map(({ sopInstanceUid }) => sopInstanceUid);

describe('pull from Orthanc', () => {
  async function startFilledOrthanc(program: string): Promise<Orthanc> {
    const orthanc = await startOrthanc(program, ingest.folder, { dicomPort: ingest.dicomPort });
    server = orthanc;
    for (const file of [...wanted, other]) await orthanc.call('POST', '/instances', file);
    return orthanc;
  }

  it.for(['move', 'get'] as const)('by C-FIND and C-%s, for a list of accession numbers', async (method, test) => {
    const program = requireTool('Orthanc', test.skip);
    await startWithSources();
    const orthanc = await startFilledOrthanc(program);
    sources.push(dimseSource(orthanc.dicomPort, 'ORTHANC', method));
    expect(await pull({ source: 'pacs', accessionNumbers: ['A0', 'A1'] })).toEqual([
      200,
      [
        { query: { AccessionNumber: 'A0' }, error: 'nothing was found' },
        { query: { AccessionNumber: 'A1' }, studyInstanceUid: '1.2.3.120', completed: 2, failed: 0, status: 0 },
      ],
    ]);
    expect([await heldUids('1.2.3.120'), await heldUids('1.2.3.121')]).toEqual([WANTED_UIDS, []]);
  });

  it('by QIDO-RS and WADO-RS, for a query', async (test) => {
    const program = requireTool('Orthanc', test.skip);
    await startWithSources();
    const orthanc = await startFilledOrthanc(program);
    sources.push({ name: 'web', dicomweb: { url: orthanc.webUrl } });
    const query = { PatientID: 'ID120' };
    expect(await pull({ source: 'web', query })).toEqual([
      200,
      [{ query, studyInstanceUid: '1.2.3.120', completed: 2, failed: 0, status: 200 }],
    ]);
    const held = await ingest.ledger.instancesOfStudy('1.2.3.120');
    expect(held.map(({ sopInstanceUid, source }) => [sopInstanceUid, source.door, source.sender])).toEqual(
      WANTED_UIDS.map((uid) => [uid, 'pull', 'web']),
    );
  });

  it('a PACS that is away or refuses is said in its line, and the next is asked for', async () => {
    await startWithSources();
    sources.push(dimseSource(await freePort(), 'ORTHANC', 'get'));
    sources.push({ name: 'web', dicomweb: { url: `http://127.0.0.1:${ingest.webPort}/nothing-here` } });
    const [status, lines] = await pull({ source: 'pacs', accessionNumbers: ['A1', 'A2'] });
    expect([status, lines]).toEqual([
      200,
      ['A1', 'A2'].map((AccessionNumber) => ({
        query: { AccessionNumber },
        error: expect.stringContaining('ECONNREFUSED'),
      })),
    ]);
    expect(await pull({ source: 'web', accessionNumbers: ['A1'] })).toEqual([
      200,
      [{ query: { AccessionNumber: 'A1' }, error: 'QIDO-RS at web: expected status 200 or 204; received 404' }],
    ]);
    expect((await pull({ source: 'unknown', accessionNumbers: ['A1'] }))[0]).toBe(404);
    expect((await pull({ source: 'pacs' }))[0]).toBe(400);
  });
});

describe('pull from dcmqrscp', () => {
  it.for(['move', 'get'] as const)('by C-FIND and C-%s', async (method, test) => {
    requireTool('dcmqrscp', test.skip);
    await startWithSources();
    const [folder, port] = [join(ingest.folder, 'qr'), await freePort()];
    await mkdir(folder);
    const config = join(ingest.folder, 'dcmqrscp.cfg');
    const lines = [
      `NetworkTCPPort = ${port}`,
      'MaxPDUSize = 16384',
      'MaxAssociations = 16',
      'HostTable BEGIN',
      `pce = (PCE, 127.0.0.1, ${ingest.dicomPort})`,
      'HostTable END',
      'VendorTable BEGIN',
      'VendorTable END',
      'AETable BEGIN',
      `QRSCP ${folder} RW (200, 1024mb) ANY`,
      'AETable END',
    ];
    await writeFile(config, `${lines.join('\n')}\n`);
    server = await startServer('dcmqrscp', ['-c', config], port);
    const paths = await writeFiles(ingest.folder, [...wanted, other]);
    expect((await runBeside('storescu', ['-aec', 'QRSCP', '127.0.0.1', String(port), ...paths])).status).toBe(0);
    sources.push(dimseSource(port, 'QRSCP', method));
    const query = { AccessionNumber: 'A1' };
    expect(await pull({ source: 'pacs', query })).toEqual([
      200,
      [{ query, studyInstanceUid: '1.2.3.120', completed: 2, failed: 0, status: 0 }],
    ]);
    expect([await heldUids('1.2.3.120'), await heldUids('1.2.3.121')]).toEqual([WANTED_UIDS, []]);
  });
});
