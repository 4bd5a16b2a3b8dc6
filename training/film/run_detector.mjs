// Runs the built detector on the films of make_test_films.py and writes one line per film: its candidates with their
// features and which simulated pieces each one hits. Usage: node run_detector.mjs FOLDER OUT.ndjson rules|networks
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadFilmNetworks } from '../../services/detector/dist/adapters/tfjs-networks.js';
import { mapLungs } from '../../services/detector/dist/core/anatomy/lung-map.js';
import { findHeatCandidates } from '../../services/detector/dist/core/candidates/heat-candidates.js';
import { cementNetworkInput, makeWorkingFilm } from '../../services/detector/dist/core/candidates/working-film.js';
import { judgeHeatCandidate, scoreFeatures } from '../../services/detector/dist/core/classify/film-score.js';
import { detectRadiograph } from '../../services/detector/dist/core/detect-radiograph.js';

/** A mark counts as a hit within this distance of a piece. */
const HIT_MM = 3;
/** Pixel size of films written with --working. */
const WORKING_MM = 0.4;

const [folder, out, mode] = process.argv.slice(2);
const { networks } = await loadFilmNetworks();

function readPlane(file) {
  const bytes = readFileSync(join(folder, file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function readFilm(entry) {
  return {
    pixels: readPlane(`${entry.name}.f32`),
    columns: entry.columns,
    rows: entry.rows,
    spacingMm: null,
    calibration: 'uncalibrated',
    view: 'PA',
    viewSource: 'tags',
    bodyPart: 'chest',
    patientLeftIsOn: 'right',
    image: { sopClassUid: '1.2', sopInstanceUid: '1.2.3', seriesInstanceUid: '1.2.4' },
    remarks: [],
  };
}

/** The lungs' box of a film at the working pixel size; null where no lung is seen. */
async function workingFilmOf(film, entry) {
  if (entry.isWorkingSize) {
    const grid = { left: 0, top: 0, step: 1, assumedPixelMm: WORKING_MM };
    return { ...film, ...grid, lung: readPlane(`${entry.name}.lung.f32`) };
  }
  const lungs = await mapLungs(film, networks.lungs);
  return lungs === null ? null : makeWorkingFilm(film, lungs);
}

async function candidatesByNetworks(film, working) {
  const heat = await networks.cement.run(cementNetworkInput(working, networks.cement.sideMultiple));
  const pixelMm = working.assumedPixelMm * working.step;
  return findHeatCandidates(heat, working).map((candidate) => ({
    probability: judgeHeatCandidate(candidate, pixelMm, film.view).probability,
    features: scoreFeatures(candidate, pixelMm),
    points: candidate.paths
      .flat()
      .map(([x, y]) => [working.left + (x + 0.5) * working.step, working.top + (y + 0.5) * working.step]),
  }));
}

async function candidatesByRules(film) {
  const outcome = await detectRadiograph(film, { reportAbove: 0 });
  if (outcome.kind !== 'analysed') return [];
  return outcome.findings.map(({ probability, regions }) => ({
    probability,
    features: {},
    points: regions.flatMap(({ pointsPx }) => pointsPx),
  }));
}

const lines = [];
for (const entry of JSON.parse(readFileSync(join(folder, 'films.json'), 'utf8'))) {
  const film = readFilm(entry);
  const working = await workingFilmOf(film, entry);
  const candidates =
    working === null ? [] : await (mode === 'rules' ? candidatesByRules(film) : candidatesByNetworks(film, working));
  const near = HIT_MM / (working?.assumedPixelMm ?? 0.4);
  const hits = candidates.map(({ points }) =>
    entry.pieces.flatMap((piece, index) =>
      piece.points.some(([px, py]) => points.some(([x, y]) => Math.hypot(x - px, y - py) <= near)) ? [index] : [],
    ),
  );
  lines.push(
    JSON.stringify({
      ...entry,
      analysable: working !== null,
      candidates: candidates.map((candidate, index) => ({
        probability: candidate.probability,
        features: candidate.features,
        centre: candidate.points[Math.floor(candidate.points.length / 2)],
        hits: hits[index],
      })),
    }),
  );
}
writeFileSync(out, `${lines.join('\n')}\n`);
