import { freePort } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import { type Orthanc, startOrthanc } from '@pce/test-support/orthanc-server';
import { sampleStudy } from '@pce/test-support/sample-study';
import { afterEach, describe, expect, it } from 'vitest';
import { recordStudy, startTestReporter, type TestReporter } from './test-reporter.js';

let reporter: TestReporter | null = null;
let orthanc: Orthanc | null = null;
afterEach(async () => {
  await orthanc?.stop();
  await reporter?.end();
  reporter = null;
  orthanc = null;
});

const states = async (resultId: string) =>
  (await reporter!.ledger.deliveries.searchDeliveries({ resultId }, 10, 0)).map(({ destination, state }) => [
    destination,
    state,
  ]);

/** SOP Instance UIDs of a study's reports, as QIDO-RS tells. */
async function found(studyInstanceUid: string): Promise<string[]> {
  const query = `/dicom-web/studies/${studyInstanceUid}/instances`;
  const answer = (await orthanc!.call('GET', query)) as Record<string, { Value: string[] }>[];
  return answer.map((item) => item['00080018']!.Value[0]!).sort();
}

describe('delivery to Orthanc', () => {
  it('by C-STORE with storage commitment and by STOW-RS: found by QIDO-RS, as stored, once', async (test) => {
    const program = requireTool('Orthanc', test.skip);
    const commitmentPort = await freePort();
    reporter = await startTestReporter(async (folder) => {
      orthanc = await startOrthanc(program, folder, { dicomPort: commitmentPort });
      return `
        commitmentListener: { host: 127.0.0.1, port: ${commitmentPort} }
        destinations:
          - name: store
            cStore: { host: 127.0.0.1, port: ${orthanc.dicomPort}, aeTitle: ORTHANC, commitment: true }
          - name: stow
            isDefault: false
            stow: { url: '${orthanc.webUrl}' }`;
    });
    const [ct, film] = [sampleStudy('ct-positive', 1), sampleStudy('film-positive', 2)];
    const stored = await recordStudy(reporter, ct);
    await reporter.sweep();
    await expect.poll(() => states(stored), { timeout: 20_000 }).toEqual([['store', 'delivered']]);
    const [delivery] = await reporter.ledger.deliveries.searchDeliveries({ resultId: stored }, 1, 0);
    const sent = delivery!.objects.filter(({ state }) => state === 'committed').map((object) => object.sopInstanceUid);
    expect(sent.length).toBeGreaterThan(0);
    expect(await found(ct.studyInstanceUid)).toEqual(sent.sort());
    const stowed = await recordStudy(reporter, film, ['stow']);
    await reporter.sweep();
    await expect.poll(() => states(stowed), { timeout: 20_000 }).toEqual([['stow', 'delivered']]);
    const [second] = await reporter.ledger.deliveries.searchDeliveries({ resultId: stowed }, 1, 0);
    expect(second!.objects.map(({ state, status }) => [state, status])).toEqual([
      ['acknowledged', 200],
      ['reserve', null],
    ]);
    const got = second!.objects.filter(({ state }) => state === 'acknowledged').map((object) => object.sopInstanceUid);
    expect(await found(film.studyInstanceUid)).toEqual(got.sort());
  });
});
