// The CT detector on 512 x 512 x 300 voxels, against a straightforward numpy, scipy and scikit-image pipeline that masks
// the lungs, thresholds, labels and measures shapes, in turn. The volume is a phantom's, each 2 mm slice taken twice.
// The pipeline needs a Python with these libraries: PCE_PYTHON=/path/to/python; without one only ours is measured.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RUNS = 3;
const FROM_SLICES = 150;
const PYTHON = process.env.PCE_PYTHON ?? 'python3';

if (process.argv[2] === '--one') await analyse(process.argv[3]);
else await compareBoth();

async function analyse(folder) {
  const { detectCt } = await import('@pce/detector/core/detect-ct');
  const volume = JSON.parse(readFileSync(join(folder, 'volume.json'), 'utf8'));
  const bytes = readFileSync(join(folder, 'volume.raw'));
  const hu = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const start = performance.now();
  const outcome = await detectCt(
    { ...volume, hu, voxelToLpsMm: Float64Array.from(volume.voxelToLpsMm) },
    { reportAbove: 0.2 },
  );
  const seconds = (performance.now() - start) / 1000;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ seconds, findings: outcome.findings?.length ?? outcome.kind, peakBytes }));
}

async function compareBoth() {
  const folder = mkdtempSync(join(tmpdir(), 'pce-bench-'));
  try {
    const shape = await writeVolume(folder);
    const ours = () => [process.execPath, [fileURLToPath(import.meta.url), '--one', folder]];
    const theirs = () => [
      PYTHON,
      [join(import.meta.dirname, 'ct_baseline.py'), join(folder, 'volume.raw'), ...shape.map(String)],
    ];
    const hasPython = spawnSync(PYTHON, ['-c', 'import numpy, scipy, skimage']).status === 0;
    if (!hasPython) console.log(`no Python with numpy, scipy and scikit-image (${PYTHON}): only ours is measured`);
    const results = { detector: [], pipeline: [] };
    for (let run = 0; run < RUNS; run++) {
      results.detector.push(runOnce(ours()));
      if (hasPython) results.pipeline.push(runOnce(theirs()));
    }
    report(results);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runOnce([program, args]) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

function report(results) {
  const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
  const medians = {};
  for (const [name, runs] of Object.entries(results)) {
    if (runs.length === 0) continue;
    medians[name] = median(runs.map((run) => run.seconds));
    const { seconds: _, peakBytes, ...rest } = runs[0];
    console.log(
      `${name.padEnd(10)} ${medians[name].toFixed(2)} s, peak ${Math.round(peakBytes / 1e6)} MB, ${JSON.stringify(rest)}`,
    );
  }
  if (medians.pipeline)
    console.log(`ratio: the detector is ${(medians.pipeline / medians.detector).toFixed(1)} times as fast`);
}

/** Writes the phantom as raw HU and a description; gives columns, rows, slices and spacing. */
async function writeVolume(folder) {
  const { simulateCtStudy } = await import('@pce/test-support/phantom');
  const { readPart10 } = await import('@pce/shared/dicom/part10');
  const { describeInstance } = await import('@pce/detector/core/volume/describe-instance');
  const { assembleCtVolume } = await import('@pce/detector/core/volume/assemble-ct-volume');
  const files = simulateCtStudy({ seed: 1, emboli: 5, slices: FROM_SLICES }).files.map(({ bytes }) =>
    readPart10(bytes),
  );
  const headers = files.map(describeInstance);
  const byUid = new Map(files.map((file, n) => [headers[n].sopInstanceUid, file]));
  const { volume } = await assembleCtVolume(headers, async (uid) => byUid.get(uid));
  const plane = volume.columns * volume.rows;
  const hu = new Int16Array(2 * volume.hu.length);
  for (let k = 0; k < 2 * FROM_SLICES; k++) {
    hu.set(volume.hu.subarray((k >> 1) * plane, ((k >> 1) + 1) * plane), k * plane);
  }
  const voxelToLpsMm = [...volume.voxelToLpsMm];
  for (const row of [0, 1, 2]) voxelToLpsMm[row * 4 + 2] /= 2;
  const spacingMm = [volume.spacingMm[0], volume.spacingMm[1], volume.spacingMm[2] / 2];
  const sliceImages = volume.sliceImages.flatMap((image) => [image, image]);
  writeFileSync(join(folder, 'volume.raw'), Buffer.from(hu.buffer));
  writeFileSync(
    join(folder, 'volume.json'),
    JSON.stringify({ ...volume, hu: null, slices: 2 * FROM_SLICES, spacingMm, voxelToLpsMm, sliceImages }),
  );
  return [volume.columns, volume.rows, 2 * FROM_SLICES, ...spacingMm];
}
