import { ctSlice } from '@pce/test-support/ct-slice';
import { api } from 'dicomweb-client';
import { afterEach, expect, it } from 'vitest';
import { XMLHttpRequest } from 'xmlhttprequest-ssl';
import { datasetBytes, startTestIngest, type TestIngest } from './test-ingest.js';

function BrowserRequest() {
  const request = new XMLHttpRequest();
  const send = request.send.bind(request);
  request.send = (body) => send(body instanceof ArrayBuffer ? Buffer.from(body) : body);
  return request;
}

let ingest: TestIngest;
afterEach(() => ingest?.end());

it('dicomweb-client stores, searches and retrieves', async () => {
  // It is made for browsers, whose requests take an ArrayBuffer.
  Object.assign(globalThis, { XMLHttpRequest: BrowserRequest });
  ingest = await startTestIngest();
  const client = new api.DICOMwebClient({ url: `http://127.0.0.1:${ingest.webPort}/dicomweb` });
  const file = ctSlice('85', 1);
  await client.storeInstances({ datasets: [Uint8Array.from(file).buffer] });
  const [study] = await client.searchForStudies({ queryParams: { PatientID: 'ID85' } });
  expect(study?.['0020000D']?.Value).toEqual(['1.2.3.85']);
  const series = { studyInstanceUID: '1.2.3.85', seriesInstanceUID: '1.2.3.85.1' };
  const [metadata] = await client.retrieveSeriesMetadata(series);
  expect(metadata?.['00280010']?.Value).toEqual([64]);
  const back = await client.retrieveInstance({ ...series, sopInstanceUID: '1.2.3.85.1.1' });
  expect(datasetBytes(new Uint8Array(back)).equals(datasetBytes(file))).toBe(true);
});
