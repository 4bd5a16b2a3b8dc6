import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { readPart10 } from '@pce/shared/dicom/part10';
import { freePort } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import { type Orthanc, startOrthanc } from '@pce/test-support/orthanc-server';
import { SAMPLE_CONTEXT } from '@pce/test-support/sample-results';
import { type SampleStudy, sampleStudy } from '@pce/test-support/sample-study';
import { afterEach, describe, expect, it } from 'vitest';
import { buildKeyObjectSelection } from '../core/key-object.js';
import { buildStructuredReport } from '../core/sr-document.js';
import { recordStudy, startTestReporter, type TestReporter } from './test-reporter.js';

let reporter: TestReporter | null = null;
let orthanc: Orthanc | null = null;
let server: Server | null = null;
afterEach(async () => {
  await reporter?.end();
  await orthanc?.stop();
  server?.close();
  reporter = null;
  orthanc = null;
  server = null;
});

const FOLDER = 'destinations: [{ name: out, objects: [sr], folder: { path: FOLDER/out } }]';
const LATER = { StudyDate: '20270101' };

/** What the report of a study says in words and refers to, as latin1 text. */
async function reportText(study: SampleStudy): Promise<string> {
  const resultId = await recordStudy(reporter!, study);
  await reporter!.sweep();
  const state = async () => (await reporter!.ledger.deliveries.searchDeliveries({ resultId }, 1, 0))[0]?.state;
  await expect.poll(state, { timeout: 30_000 }).toBe('delivered');
  const [report] = await reporter!.ledger.deliveries.objectsOfResult(resultId);
  const [held] = await reporter!.ledger.findInstances(report!.sopInstanceUid);
  return Buffer.from(await reporter!.store.read(held!)).toString('latin1');
}

/** The report of a study as another installation would have made it. */
function earlierReport(study: SampleStudy, analysedAt = SAMPLE_CONTEXT.analysedAt, replaces: EarlierReport[] = []) {
  const source = { dataset: readPart10(study.image).dataset };
  const predecessors = replaces.map((report) => ({ ...report, studyInstanceUid: study.studyInstanceUid }));
  return buildStructuredReport(study.result, source, { ...SAMPLE_CONTEXT, analysedAt, predecessors });
}
type EarlierReport = ReturnType<typeof buildStructuredReport>;

/** An archive with the studies of several days, patients and kinds. Gives the report that should be found. */
async function fillArchive(): Promise<EarlierReport> {
  const put = (bytes: Uint8Array) => orthanc!.call('POST', '/instances', bytes);
  const early = sampleStudy('ct-positive', 11, undefined, { StudyDate: '20250301' });
  const latest = sampleStudy('ct-positive', 12, undefined, { StudyDate: '20260301' });
  const future = sampleStudy('ct-positive', 13, undefined, { StudyDate: '20280101' });
  const stranger = sampleStudy('ct-positive', 14, undefined, { StudyDate: '20261201', PatientID: 'PCE-SAMPLE-12' });
  const namesake = sampleStudy('ct-positive', 15, undefined, { StudyDate: '20261202', PatientBirthDate: '19010101' });
  const imagesOnly = sampleStudy('ct-positive', 16, undefined, { StudyDate: '20261203' });
  for (const study of [early, future, stranger, namesake]) {
    await put(study.image);
    await put(earlierReport(study).bytes);
  }
  await put(imagesOnly.image);
  await put(latest.image);
  const replaced = earlierReport(latest);
  const current = earlierReport(sampleStudy('ct-positive', 12, 'e'.repeat(64), { StudyDate: '20260301' }), undefined, [
    replaced,
  ]);
  await put(current.bytes);
  await put(replaced.bytes);
  const source = { dataset: readPart10(latest.image).dataset };
  for (const { bytes } of buildKeyObjectSelection(latest.result, source, SAMPLE_CONTEXT)) await put(bytes);
  return current;
}

describe('an archive with earlier reports', () => {
  it.for<['dicomweb' | 'dimse', (archive: Orthanc) => string]>([
    ['dicomweb', ({ webUrl }) => `dicomweb: { url: '${webUrl}' }`],
    ['dimse', ({ dicomPort }) => `dimse: { host: 127.0.0.1, port: ${dicomPort}, aeTitle: ORTHANC }`],
  ])('is asked by %s: the latest report of the same patient is compared with', async ([, address], test) => {
    const program = requireTool('Orthanc', test.skip);
    reporter = await startTestReporter(async (folder) => {
      orthanc = await startOrthanc(program, folder, { dicomPort: await freePort() });
      return `priorSources: [{ name: archive, ${address(orthanc)} }]\n${FOLDER}`;
    });
    const expected = await fillArchive();
    const text = await reportText(sampleStudy('ct-positive', 1, undefined, LATER));
    expect(text).toContain('Compared with the automatic report of CT of 2026-03-01: 2 stable.');
    expect(text).toContain(expected.sopInstanceUid);
    expect(reporter.events.filter(({ event }) => event === 'priors-not-looked-up')).toEqual([]);
    const unknown = await reportText(sampleStudy('ct-positive', 2, undefined, { ...LATER, PatientID: 'PCE-SAMPLE-*' }));
    expect(unknown).not.toContain('Compared with');
    expect(unknown).not.toContain('did not answer');
  });

  it('that is down does not keep a report back, which says so; nobody waits for it twice', async () => {
    const port = await freePort();
    reporter = await startTestReporter(`
      priorSources:
        - { name: web, dicomweb: { url: 'http://127.0.0.1:${port}/dicom-web' } }
        - { name: pacs, dimse: { host: 127.0.0.1, port: ${port}, aeTitle: PACS } }
      ${FOLDER.trim()}`);
    const text = await reportText(sampleStudy('ct-positive', 1, undefined, LATER));
    expect(text).toContain('No earlier report could be looked up: a source of earlier reports did not answer.');
    const again = await reportText(sampleStudy('ct-positive', 2, undefined, LATER));
    // The first report is not of an earlier day, so that there is still nothing to compare with.
    expect(again).toContain('No earlier report could be looked up');
    const failures = reporter.events.filter(({ event }) => event === 'priors-not-looked-up');
    expect(failures.map(({ fields }) => fields.source).sort()).toEqual(['pacs', 'web']);
    expect(JSON.stringify(reporter.events)).not.toContain('PCE-SAMPLE');
  });

  it('that takes the connection and says nothing is given up in time, and what is known here still compared', async () => {
    server = createServer(() => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    reporter = await startTestReporter(`
      priorSources:
        - { name: web, timeoutSeconds: 0.2, dicomweb: { url: 'http://127.0.0.1:${port}' } }
        - { name: pacs, timeoutSeconds: 0.2, dimse: { host: 127.0.0.1, port: ${port}, aeTitle: PACS } }
      ${FOLDER}`);
    await reportText(sampleStudy('ct-positive', 1, undefined, { StudyDate: '20260301' }));
    const text = await reportText(sampleStudy('ct-positive', 2, undefined, LATER));
    expect(text).toContain('Compared with the automatic report of CT of 2026-03-01: 2 stable.');
    expect(text).toContain('A source of earlier reports did not answer: there may be a later one.');
  });

  it('that answers with an error, or with something else, counts as one that did not answer', async () => {
    let status = 500;
    const web = createHttpServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<p>Log in</p>');
    });
    server = web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as { port: number };
    let now = Date.now();
    reporter = await startTestReporter(
      `priorSources: [{ name: web, dicomweb: { url: 'http://127.0.0.1:${port}' } }]\n${FOLDER}`,
      { now: () => new Date(now) },
    );
    const text = 'No earlier report could be looked up';
    expect(await reportText(sampleStudy('ct-positive', 1, undefined, LATER))).toContain(text);
    [status, now] = [200, now + 120_000];
    expect(await reportText(sampleStudy('ct-positive', 2, undefined, LATER))).toContain(text);
    const messages = reporter.events.filter(({ event }) => event === 'priors-not-looked-up');
    expect(messages.map(({ fields }) => fields.message)).toEqual([
      'QIDO-RS: expected status 200 or 204; received 500',
      'QIDO-RS: expected a JSON list; received something else',
    ]);
  });
});
