// C-STORE throughput of our storage SCP, dcmtk's storescp and Orthanc, in turn, with the same sender and images:
// 512 x 512 x 16 bit CT slices, dcmtk storescu, TCP_NODELAY=1 on every dcmtk and Orthanc process.
// Ours includes fsync of file and folder and the ledger commit before each success; storescp has neither.
// Every server first takes WARM_UP images that do not count. "disk" writes the same bytes to one file each and syncs it,
// as many files at a time as there are associations, with nothing else done. With one association the next image only
// comes when the last is answered, so whoever syncs before answering cannot be faster than storescp's time for an image
// plus the disk's: the "most possible" line.
// "unsynced" is ours with fsync switched off from outside (libeatmydata), to see what it costs: such a service could
// lose what it acknowledged. Ratios are medians over the rounds, each of runs that followed one another.
// INGEST_COUNT images (500), INGEST_ROUNDS rounds (3), INGEST_PEERS=ours,storescp,orthanc,unsynced, INGEST_ASSOCIATIONS=1,4.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDicom } from '@pce/test-support/dicom-builder';

const COUNT = Number(process.env.INGEST_COUNT ?? 500);
const ROUNDS = Number(process.env.INGEST_ROUNDS ?? 3);
const PEERS = (process.env.INGEST_PEERS ?? 'ours,storescp,orthanc').split(',');
const WARM_UP = 1000;
const ASSOCIATIONS = (process.env.INGEST_ASSOCIATIONS ?? '1,4').split(',').map(Number);
const work = mkdtempSync(join(process.env.INGEST_DIR ?? tmpdir(), 'pce-bench-ingest-'));
const environment = { ...process.env, TCP_NODELAY: '1' };

/** Pixels of a smooth image with noise in the low bits, as a CT has; each image its own. */
function makeImages(folder, study, count) {
  mkdirSync(folder, { recursive: true });
  const pixels = new Uint8Array(randomBytes(512 * 512 * 2));
  for (let index = 1; index <= count; index += 1) {
    pixels.set(randomBytes(64), 0);
    const bytes = buildDicom({
      attributes: {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        SOPInstanceUID: `1.2.826.0.1.3680043.10.1.${study}.${index}`,
        StudyInstanceUID: `1.2.826.0.1.3680043.10.1.${study}`,
        SeriesInstanceUID: `1.2.826.0.1.3680043.10.1.${study}.0`,
        Modality: 'CT',
        PatientID: `BENCH${study}`,
        PatientName: 'BENCH',
        InstanceNumber: index,
        Rows: 512,
        Columns: 512,
        BitsAllocated: 16,
        BitsStored: 16,
        HighBit: 15,
        PixelRepresentation: 1,
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
      },
      pixelData: pixels,
    });
    writeFileSync(join(folder, `${String(index).padStart(5, '0')}.dcm`), bytes);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(port) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}

const STARTERS = {
  ours(folder, port) {
    const config = join(folder, 'pce.yaml');
    const lines = [
      `dataFolder: ${join(folder, 'data')}`,
      'dicom:',
      '  host: 127.0.0.1',
      `  port: ${port}`,
      "  senders: [{ calledAeTitle: PCE, callingAeTitles: ['*'] }]",
      'web: { port: 0 }',
    ];
    writeFileSync(config, lines.join('\n'));
    return [process.execPath, [join(import.meta.dirname, '../services/ingest/dist/main.js'), config]];
  },
  unsynced: (folder, port) => STARTERS.ours(folder, port),
  storescp(folder, port) {
    mkdirSync(join(folder, 'data'));
    return ['storescp', ['--fork', '-od', join(folder, 'data'), '+xa', '-pdu', '131072', String(port)]];
  },
  orthanc(folder, port) {
    const config = join(folder, 'orthanc.json');
    const settings = {
      StorageDirectory: join(folder, 'data'),
      IndexDirectory: join(folder, 'data'),
      DicomPort: port,
      DicomAet: 'PCE',
      HttpServerEnabled: false,
      DicomAlwaysAllowStore: true,
      DicomCheckCalledAet: false,
      TcpNoDelay: true,
      DicomThreadsCount: 4,
      Plugins: [],
    };
    writeFileSync(config, JSON.stringify(settings));
    return ['Orthanc', [config]];
  },
};

const run = (program, args) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject).once('exit', resolve);
  });

async function send(port, images) {
  const args = ['-aec', 'PCE', '-xe', '--scan-directories', '+sd', '127.0.0.1', String(port), images];
  const code = await run('storescu', args);
  if (code !== 0) throw new Error(`storescu ended with ${code}`);
}

/** Instances a second that the disk takes when each is written and synced by itself, so many at a time. */
async function diskRate(images, atATime) {
  const folder = mkdtempSync(join(work, 'disk-'));
  const contents = readdirSync(images).map((name) => readFileSync(join(images, name)));
  const start = performance.now();
  const left = [...contents.entries()];
  const writeSome = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const file = await open(join(folder, String(next[0])), 'w');
      await file.write(next[1]);
      await file.datasync();
      await file.close();
    }
  };
  await Promise.all(Array.from({ length: atATime }, writeSome));
  const rate = contents.length / ((performance.now() - start) / 1000);
  rmSync(folder, { recursive: true });
  return rate;
}

async function measure(name, associations, folders) {
  const folder = mkdtempSync(join(work, `${name}-`));
  const port = await freePort();
  const [program, args] = STARTERS[name](folder, port);
  const env = name === 'unsynced' ? { ...environment, LD_PRELOAD: 'libeatmydata.so' } : environment;
  const server = spawn(program, args, { env, stdio: 'ignore' });
  try {
    await untilListening(port);
    await send(port, join(work, 'warm-up'));
    const cpuBefore = cpuMs(server.pid);
    const start = performance.now();
    await Promise.all(folders.slice(0, associations).map((images) => send(port, images)));
    const seconds = (performance.now() - start) / 1000;
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    const peakMb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    const cpu = (cpuMs(server.pid) - cpuBefore) / (associations * COUNT);
    return { rate: (associations * COUNT) / seconds, peakMb, cpu };
  } finally {
    server.kill();
    await new Promise((resolve) => server.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Processor time of a process and the children it has waited for, so that a busy machine can be seen through. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
try {
  const folders = Array.from({ length: Math.max(...ASSOCIATIONS) }, (_, index) => join(work, `images-${index}`));
  for (const [index, folder] of folders.entries()) makeImages(folder, index + 1, COUNT);
  makeImages(join(work, 'warm-up'), 1000, WARM_UP);
  const bytes =
    readdirSync(folders[0]).reduce((sum, name) => sum + readFileSync(join(folders[0], name)).length, 0) / COUNT;
  console.log(`${COUNT} images of ${Math.round(bytes / 1024)} KiB per association, ${ROUNDS} rounds in turn`);
  for (const associations of ASSOCIATIONS) {
    const results = Object.fromEntries(PEERS.map((name) => [name, []]));
    const disk = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      disk.push(await diskRate(folders[0], associations));
      for (const name of PEERS) results[name].push(await measure(name, associations, folders));
    }
    console.log(
      `disk      ${median(disk).toFixed(0).padStart(5)} inst/s written and synced, ${associations} at a time`,
    );
    for (const name of PEERS) {
      const rates = results[name].map((result) => result.rate);
      const rate = median(rates);
      const peak = Math.max(...results[name].map((result) => result.peakMb));
      console.log(
        `${associations} association${associations > 1 ? 's' : ''}  ${name.padEnd(9)} ${rate.toFixed(0).padStart(5)} inst/s  ${((rate * bytes) / 1e6).toFixed(0).padStart(4)} MB/s  (${rates.map((value) => value.toFixed(0)).join(' / ')})  peak ${peak.toFixed(0)} MB  ${median(results[name].map((result) => result.cpu)).toFixed(2)} ms CPU/inst`,
      );
    }
    const ratio = (other) => median(results.ours.map(({ rate }, round) => rate / other(round))).toFixed(2);
    for (const name of PEERS) {
      if (name !== 'ours') console.log(`ratio of ours to ${name}: ${ratio((round) => results[name][round].rate)}`);
    }
    if (associations === 1 && results.storescp) {
      const most = (round) => 1 / (1 / results.storescp[round].rate + 1 / disk[round]);
      const share = median(results.storescp.map(({ rate }, round) => most(round) / rate)).toFixed(2);
      console.log(`most possible with a sync before each answer: ${share} of storescp; ours to that: ${ratio(most)}`);
    }
    console.log(`ratio of ours to the disk alone: ${ratio((round) => disk[round])}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
