// Memory of our service while MEMORY_COUNT (20,000) instances of 256 x 256 x 16 bit arrive on four associations, sent by
// our own SCU from this process. Data in MEMORY_DIR (the system's temporary folder).
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAssociation } from '@pce/shared/dimse/scu';
import { store, storeContexts } from '@pce/shared/dimse/scu-operations';
import { buildDicom } from '@pce/test-support/dicom-builder';

const COUNT = Number(process.env.MEMORY_COUNT ?? 20_000);
const ASSOCIATIONS = 4;
const SOP_CLASS = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const folder = mkdtempSync(join(process.env.MEMORY_DIR ?? tmpdir(), 'pce-bench-memory-'));

/** A data set with the number of the instance in a UID of fixed length, to be overwritten for each. */
const uidOf = (number) => `1.2.826.0.1.3680043.10.2.1.${1_000_000 + number}`;
const file = Buffer.from(
  buildDicom({
    attributes: {
      SOPClassUID: SOP_CLASS,
      SOPInstanceUID: uidOf(0),
      StudyInstanceUID: '1.2.826.0.1.3680043.10.2.1',
      SeriesInstanceUID: '1.2.826.0.1.3680043.10.2.1.1',
      Modality: 'CT',
      PatientID: 'MEMORY',
      Rows: 256,
      Columns: 256,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 1,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
    },
    pixelData: new Uint8Array(256 * 256 * 2),
  }),
);
const template = file.subarray(144 + file.readUInt32LE(140));
const uidAt = template.indexOf(uidOf(0));
const datasetOf = (number) => {
  const dataset = Buffer.from(template);
  dataset.write(uidOf(number), uidAt, 'latin1');
  return dataset;
};

const config = join(folder, 'pce.json');
writeFileSync(
  config,
  JSON.stringify({
    dataFolder: join(folder, 'data'),
    watermarkBytes: 0,
    dicom: { host: '127.0.0.1', port: 0, senders: [{ calledAeTitle: 'PCE', callingAeTitles: ['*'] }] },
    web: { port: 0 },
  }),
);
const server = spawn(process.execPath, [join(import.meta.dirname, '../services/ingest/dist/main.js'), config], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const port = await new Promise((resolve) => {
    server.stdout.on('data', (chunk) => {
      const found = /"dicomPort":(\d+)/.exec(chunk.toString());
      if (found) resolve(Number(found[1]));
    });
  });
  const residentMb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
  let sent = 0;
  const samples = [];
  const start = performance.now();
  await Promise.all(
    Array.from({ length: ASSOCIATIONS }, async () => {
      const association = await openAssociation({
        host: '127.0.0.1',
        port,
        callingAeTitle: 'BENCH',
        calledAeTitle: 'PCE',
        contexts: storeContexts([{ sopClassUid: SOP_CLASS, transferSyntaxUid: EXPLICIT }]),
      });
      while (sent < COUNT) {
        sent += 1;
        const number = sent;
        const { status } = await store(association, {
          sopClassUid: SOP_CLASS,
          sopInstanceUid: uidOf(number),
          transferSyntaxUid: EXPLICIT,
          dataset: datasetOf(number),
        });
        if (status !== 0) throw new Error(`instance ${number}: status ${status.toString(16)}`);
        if (number % (COUNT / 20) === 0) samples.push(residentMb());
      }
      await association.release();
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  // The first fifth is warming up: code is compiled, pools fill.
  const steady = samples.slice(samples.length / 5);
  console.log(
    `${COUNT} instances in ${seconds.toFixed(0)} s (${(COUNT / seconds).toFixed(0)}/s); resident memory every ${COUNT / 20}, MB:`,
  );
  console.log(samples.map((value) => value.toFixed(0)).join(' '));
  console.log(`after the first fifth: ${Math.min(...steady).toFixed(0)} to ${Math.max(...steady).toFixed(0)} MB`);
} finally {
  server.kill();
  await new Promise((resolve) => server.once('exit', resolve));
  rmSync(folder, { recursive: true, force: true });
}
