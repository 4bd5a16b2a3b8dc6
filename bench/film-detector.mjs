// The film detector: its blur in WebAssembly against plain TypeScript in the same run, and the time of each stage on a
// simulated film of 2,500 x 2,000 pixels after one uncounted round, with the peak memory of the process.
import { loadFilmNetworks } from '../services/detector/dist/adapters/tfjs-networks.js';
import { mapLungs } from '../services/detector/dist/core/anatomy/lung-map.js';
import { findHeatCandidates } from '../services/detector/dist/core/candidates/heat-candidates.js';
import { cementNetworkInput, makeWorkingFilm } from '../services/detector/dist/core/candidates/working-film.js';
import { detectWithNetworks } from '../services/detector/dist/core/detect-radiograph-networks.js';
import { blurImage } from '../services/detector/dist/core/imaging/gaussian-blur-image.js';
import { blurPlane } from '../services/detector/dist/core/imaging/gaussian-plane.js';
import { compare } from './measure.mjs';

const COLUMNS = 2000;
const ROWS = 2500;
const ROUNDS = 5;

/** Two dark ellipses in a bright field crossed by ribs, with fine noise: enough of a chest to be searched. */
function makeFilm() {
  const pixels = new Float32Array(COLUMNS * ROWS);
  for (let j = 0; j < ROWS; j++) {
    for (let i = 0; i < COLUMNS; i++) {
      const [x, y] = [i / COLUMNS, j / ROWS];
      const isLung = ((Math.abs(x - 0.5) - 0.2) / 0.14) ** 2 + ((y - 0.45) / 0.32) ** 2 < 1;
      const rib = Math.abs(((y + 0.3 * (x - 0.5) ** 2) * 14) % 1) < 0.2 ? 0.06 : 0;
      const noise = 0.01 * ((Math.sin(i * 12.9898 + j * 78.233) * 43758.5453) % 1);
      pixels[j * COLUMNS + i] = (isLung ? 0.25 : 0.7) + rib + noise;
    }
  }
  const image = { sopClassUid: '1.2', sopInstanceUid: '1.2.3', seriesInstanceUid: '1.2.4' };
  const said = { view: 'PA', viewSource: 'tags', bodyPart: 'chest', patientLeftIsOn: 'right', headIsOn: 'top' };
  const scale = { spacingMm: [0.168, 0.168], calibration: 'detector-plane' };
  return { pixels, columns: COLUMNS, rows: ROWS, ...scale, ...said, image, remarks: [] };
}

const film = makeFilm();
for (const sigma of [2, 12]) {
  await compare(
    `Gaussian of sigma ${sigma} on 1,000 x 1,000`,
    Object.fromEntries(
      Object.entries({ WebAssembly: blurPlane, TypeScript: blurImage }).map(([name, blur]) => {
        const image = { pixels: film.pixels.subarray(0, 1_000_000), columns: 1000, rows: 1000 };
        return [name, () => blur(image, sigma)];
      }),
    ),
    { runs: ROUNDS },
  );
}

const { networks } = await loadFilmNetworks();
const spent = {};
async function timed(stage, work) {
  const start = performance.now();
  const result = await work();
  spent[stage] = [...(spent[stage] ?? []), performance.now() - start];
  return result;
}
for (let round = -1; round < ROUNDS; round++) {
  if (round === 0) for (const stage of Object.keys(spent)) delete spent[stage];
  const lungs = await timed('lung fields', () => mapLungs(film, networks.lungs));
  if (lungs === null) throw new Error('bench: expected lungs to be seen on the simulated film; received none');
  const working = await timed('working film', () => makeWorkingFilm(film, lungs));
  const input = await timed('local contrast', () => cementNetworkInput(working, networks.cement.sideMultiple));
  const heat = await timed('network', () => networks.cement.run(input));
  await timed('candidates', () => findHeatCandidates(heat, working));
  await timed('whole film, all stages', () => detectWithNetworks(film, { reportAbove: 0.2 }, networks));
}
console.log(`Stages on ${COLUMNS} x ${ROWS}, median of ${ROUNDS}`);
for (const [stage, times] of Object.entries(spent)) {
  times.sort((a, b) => a - b);
  console.log(`  ${stage.padEnd(28)} ${times[Math.floor(times.length / 2)].toFixed(1).padStart(9)} ms`);
}
console.log(`  peak memory of the process ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
