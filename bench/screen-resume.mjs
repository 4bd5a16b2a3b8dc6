// A screening run that is killed again and again against one that is left alone: outputs compared byte by byte, memory
// and pace printed. Small simulated films and CTs, one in twenty broken. Makes its own data.
//
//   node bench/screen-resume.mjs [STUDIES] [KILLS]
//
// Compared: tables, summary.json and problems.csv byte by byte; report.html without the time it was made; structured
// reports with their date and time elements masked, which alone may differ.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { seededRandom } from '@pce/test-support/random';
import { buildSmallSlice } from '@pce/test-support/small-ct';
import { buildSmallFilm, smallFilmValue } from '@pce/test-support/small-film';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import dcmjs from 'dcmjs';

const STUDIES = Number(process.argv[2] ?? 40);
const KILLS = Number(process.argv[3] ?? 10);
const PCE = join(import.meta.dirname, '../cli/bin/pce.js');
/** Small, but a chest the detector judges: 290 x 290 x 228 mm. */
const CT = { side: 96, pixelMm: 3, slices: 57, spacingMm: 4, noiseHu: 30, cementHu: 2200 };
/** One study in twenty has a damaged file: of 40, this CT and this film. */
const BROKEN = [7, 28];
const random = seededRandom(8, 'kills');
dcmjs.log.setLevel('silent');

function writeStudies(folder) {
  for (let n = 0; n < STUDIES; n++) {
    const own = join(folder, String(n).padStart(5, '0'));
    mkdirSync(own, { recursive: true });
    const files = n % 2 === 0 ? [smallFilm(n)] : smallCt(n);
    if (BROKEN.includes(n % 40)) files[0] = n % 3 > 0 ? files[0].subarray(0, 300) : Buffer.from('no image at all');
    for (const [index, bytes] of files.entries()) writeFileSync(join(own, `${index}.dcm`), bytes);
  }
}

function smallFilm(n) {
  const study = uidFromSeed(`resume ${n}`);
  const grain = seededRandom(n, 'place of a mark');
  const at = { x: 0.2 + 0.6 * grain.uniform(), y: 0.3 + 0.4 * grain.uniform() };
  const valueAt = (x, y) => smallFilmValue(x, y) + (Math.hypot(x - at.x, y - at.y) < 0.012 ? 0.4 : 0);
  return buildSmallFilm({ seed: `film ${n}`, valueAt, attributes: { StudyInstanceUID: study } });
}

/** A chest of two ellipsoid lungs with noise; in one of three a branching cast of cement lies in the left lung. */
function smallCt(n) {
  const grain = seededRandom(n, 'noise and cast');
  const cast = n % 3 === 0 ? branchingCast(grain) : [];
  return Array.from({ length: CT.slices }, (_, k) =>
    buildSmallSlice({
      seed: `slice ${k}`,
      study: `resume ct ${n}`,
      side: CT.side,
      pixelMm: CT.pixelMm,
      positionLpsMm: [-CT.pixelMm * (CT.side / 2), -CT.pixelMm * (CT.side / 2), k * CT.spacingMm],
      sliceThicknessMm: CT.spacingMm,
      huAt: (point) => Math.round(chestHu(point, cast) + CT.noiseHu * grain.normal()),
    }),
  );
}

function branchingCast(grain) {
  const root = [55 + 10 * grain.uniform(), 10 * grain.normal(), 85 + 20 * grain.uniform()];
  const fork = [root[0] + 18, root[1] - 15, root[2] + 18];
  const ends = [
    [fork[0] + 12, fork[1] + 15, fork[2] + 8],
    [fork[0] + 3, fork[1] - 20, fork[2] + 12],
  ];
  return [[root, fork, 1.8], ...ends.map((end) => [fork, end, 1.4])];
}

function chestHu(point, cast) {
  const [x, y, z] = point;
  if ((x / 140) ** 2 + (y / 95) ** 2 > 1) return -1000;
  const inLung = ((Math.abs(x) - 65) / 55) ** 2 + (y / 70) ** 2 + ((z - 100) / 120) ** 2 < 1;
  const tissueHu = inLung ? -850 : Math.hypot(x, y - 60) < 18 ? 300 : 40;
  const share = Math.max(0, ...cast.map(([from, to, radius]) => edge(radius - toSegmentMm(point, from, to))));
  return tissueHu + share * (CT.cementHu - tissueHu);
}

/** Share of cement at a depth below the surface, mm: the scanner's blur as a ramp of one pixel. */
const edge = (depthMm) => Math.min(1, Math.max(0, 0.5 + depthMm / CT.pixelMm));

function toSegmentMm(point, from, to) {
  const along = to.map((value, axis) => value - from[axis]);
  const from0 = point.map((value, axis) => value - from[axis]);
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const share = Math.min(1, Math.max(0, dot(from0, along) / dot(along, along)));
  return Math.hypot(...from0.map((value, axis) => value - share * along[axis]));
}

/** Runs pce; `killAfterMs` ends it with SIGKILL. Gives the signal it ended by, wall time and peak memory in MB. */
async function pce(args, killAfterMs = null) {
  const start = performance.now();
  const child = spawn(process.execPath, [PCE, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  const memoryMb = [];
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const watch = setInterval(() => memoryMb.push(residentMb(child.pid)), 2000);
  const kill = killAfterMs === null ? null : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [status, signal] = await new Promise((resolve) => child.on('close', (...end) => resolve(end)));
  clearInterval(watch);
  clearTimeout(kill);
  if (signal === null && ![0, 2].includes(status))
    throw new Error(`exit code: expected 0 or 2; received ${status}\n${errors}`);
  return { signal, seconds: (performance.now() - start) / 1000, memoryMb: memoryMb.filter((mb) => mb > 0) };
}

/** Resident memory; 0 where the system does not tell (Linux does). */
function residentMb(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function filesOf(folder, inside = folder) {
  return readdirSync(inside, { withFileTypes: true }).flatMap((entry) => {
    const path = join(inside, entry.name);
    if (entry.isDirectory()) return entry.name === '.pce' ? [] : filesOf(folder, path);
    return [relative(folder, path)];
  });
}

/** What must be equal in a file of two runs. */
function comparable(folder, name) {
  const bytes = readFileSync(join(folder, name));
  if (name.endsWith('.dcm'))
    return JSON.stringify(
      withoutTimes(
        dcmjs.data.DicomMessage.readFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)).dict,
      ),
    );
  if (name.endsWith('.html'))
    return bytes
      .toString()
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, '')
      .replace(/<dd>[\d.]+ s<\/dd>/g, '');
  return bytes;
}

function withoutTimes(value) {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (value === null || typeof value !== 'object') return value;
  if (['DA', 'TM', 'DT'].includes(value.vr)) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutTimes(inner)]));
}

const digest = (content) => createHash('sha256').update(content).digest('hex');

function compare(expected, received) {
  const names = filesOf(expected).sort();
  const others = filesOf(received).sort();
  const missing = names.filter((name) => !others.includes(name));
  const added = others.filter((name) => !names.includes(name));
  const different = names.filter(
    (name) => others.includes(name) && digest(comparable(expected, name)) !== digest(comparable(received, name)),
  );
  return { files: names.length, missing, added, different };
}

const root = mkdtempSync(join(tmpdir(), 'pce-resume-'));
try {
  const input = join(root, 'input');
  writeStudies(input);
  const whole = join(root, 'whole');
  const killed = join(root, 'killed');
  const alone = await pce(['screen', input, '--out', whole]);
  const thirds = [0, 1, 2].map((n) =>
    alone.memoryMb.slice((n * alone.memoryMb.length) / 3, ((n + 1) * alone.memoryMb.length) / 3),
  );
  console.log(
    `${STUDIES} studies, left alone: ${alone.seconds.toFixed(1)} s, ${((STUDIES / alone.seconds) * 60).toFixed(0)} studies/min on ${availableParallelism()} processors`,
  );
  console.log(
    `  memory, largest in each third of the run: ${thirds.map((mb) => Math.max(0, ...mb).toFixed(0)).join(', ')} MB`,
  );
  let kills = 0;
  let seconds = 0;
  for (;;) {
    // Some early, while headers are read and the first studies run; most anywhere.
    const afterMs = kills < KILLS ? 1000 + random.uniform() * Math.max(1500, (alone.seconds * 1000 * 2) / KILLS) : null;
    const end = await pce(['screen', input, '--out', killed, '--resume'], afterMs);
    seconds += end.seconds;
    if (end.signal === 'SIGKILL') kills += 1;
    else if (kills >= KILLS) break;
    else {
      console.log(`  through after ${kills} of ${KILLS} kills`);
      break;
    }
  }
  const result = compare(whole, killed);
  console.log(
    `killed ${kills} times and resumed: ${seconds.toFixed(1)} s in all, ratio ${(seconds / alone.seconds).toFixed(2)}`,
  );
  console.log(
    `  ${result.files} files compared: ${result.missing.length} missing, ${result.added.length} more, ${result.different.length} different`,
  );
  for (const name of [...result.missing, ...result.added, ...result.different].slice(0, 20)) console.log(`    ${name}`);
  if (result.missing.length + result.added.length + result.different.length > 0) process.exitCode = 1;
} finally {
  if (process.env.KEEP !== '1') rmSync(root, { recursive: true, force: true });
  else console.log(root);
}
