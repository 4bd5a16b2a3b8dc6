// STOW-RS: how fast the multipart body is taken apart (no store behind it), and how fast instances are stored end to end
// with fsync and ledger. STOW_COUNT parts (200) of 512 x 512 x 16 bit.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buildDicom } from '@pce/test-support/dicom-builder';
import Fastify from 'fastify';
import { addStowRoutes } from '../services/ingest/dist/adapters/stow-routes.js';
import { parseConfig } from '../services/ingest/dist/config.js';
import { startIngest } from '../services/ingest/dist/start-ingest.js';

const COUNT = Number(process.env.STOW_COUNT ?? 200);
const ROUNDS = 3;
const image = (number) =>
  Buffer.from(
    buildDicom({
      attributes: {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        SOPInstanceUID: `1.2.826.0.1.3680043.10.3.${number}`,
        StudyInstanceUID: '1.2.826.0.1.3680043.10.3',
        SeriesInstanceUID: '1.2.826.0.1.3680043.10.3.1',
        Modality: 'CT',
        Rows: 512,
        Columns: 512,
        BitsAllocated: 16,
        BitsStored: 16,
        HighBit: 15,
        PixelRepresentation: 1,
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
      },
      pixelData: new Uint8Array(512 * 512 * 2).fill(number % 251),
    }),
  );
const bodyFor = (round) =>
  Buffer.concat([
    ...Array.from({ length: COUNT }, (_, index) => [
      Buffer.from('--b\r\nContent-Type: application/dicom\r\n\r\n'),
      image(round * COUNT + index + 1),
      Buffer.from('\r\n'),
    ]).flat(),
    Buffer.from('--b--\r\n'),
  ]);
const chunksOf = (body) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < body.length; at += 65536) yield body.subarray(at, at + 65536);
    })(),
  );
const headers = { 'content-type': 'multipart/related; type="application/dicom"; boundary=b' };

const nowhere = {
  store: {
    hasRoom: async () => true,
    begin: () => ({
      write() {},
      commit: async () => ({ location: '', byteLength: 0, sha256: '' }),
      discard: async () => {},
    }),
  },
  ledger: { recordInstance: async () => 'new' },
  clock: { now: () => new Date() },
  implementationClassUid: '1.2.3',
  isOwnResult: () => false,
  received() {},
};
const app = Fastify();
app.decorateRequest('caller', null);
addStowRoutes(app, { receiver: nowhere, maxInstanceBytes: 1e9, maxParts: 1e6 });
const folder = mkdtempSync(join(process.env.STOW_DIR ?? tmpdir(), 'pce-bench-stow-'));
const { config } = parseConfig(
  { PCE_DATA_FOLDER: join(folder, 'data'), PCE_WEB_PORT: '0', PCE_DICOM_PORT: '0', PCE_WATERMARK_BYTES: '0' },
  '',
);
const ingest = await startIngest(config, { now: () => new Date() }, () => {});
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    const body = bodyFor(round);
    let start = performance.now();
    const parsed = await app.inject({ method: 'POST', url: '/dicomweb/studies', headers, payload: chunksOf(body) });
    const parseSeconds = (performance.now() - start) / 1000;
    start = performance.now();
    const stored = await fetch(`http://127.0.0.1:${ingest.webPort}/dicomweb/studies`, {
      method: 'POST',
      headers,
      body,
    });
    await stored.text();
    const storeSeconds = (performance.now() - start) / 1000;
    console.log(
      `taken apart and identified: ${(body.length / 1e6 / parseSeconds).toFixed(0)} MB/s (${parsed.statusCode}); stored: ${(body.length / 1e6 / storeSeconds).toFixed(0)} MB/s (${stored.status})`,
    );
  }
} finally {
  await ingest.stop(0);
  await app.close();
  rmSync(folder, { recursive: true, force: true });
}
