import { cellOfVoxel } from '../anatomy/anatomy-grid.js';
import { type ChestMap, REGION } from '../anatomy/chest-map.js';
import { CT_CANDIDATES, CT_SITES, CT_VOLUME } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { measureCalibre } from './calibre.js';
import { chordOf, type PointMm, traceCentreline } from './centreline.js';
import { type DenseComponent, type DensityLevels, findDenseComponents } from './dense-components.js';
import { measureFlatness } from './flatness.js';
import { joinBeads } from './join-beads.js';
import { type Surround, sampleSurround } from './measure.js';
import { findVesselEnds } from './vessel-evidence.js';
import { buildVoxelGraph, halfMaximumNodes } from './voxel-graph.js';

/** Where a candidate lies, by where most of its voxels are. */
export type CandidatePlace = 'lung' | 'mediastinum' | 'elsewhere';

/** A dense thing in or between the lungs, measured. */
export interface CtCandidate {
  readonly voxels: Int32Array;
  /** Centrelines in millimetres along columns, rows and slices, the longest first. */
  readonly paths: readonly (readonly PointMm[])[];
  readonly lengthMm: number;
  readonly calibreMm: number;
  readonly volumeMm3: number;
  /** Length over the width that is seen: about 1 for a ball. */
  readonly slenderness: number;
  readonly branchCount: number;
  /** Distance of the ends of the longest path over its length: 1 when straight. */
  readonly chord: number;
  /** Width over thickness across its path: 1 for a tube, more for a plate. */
  readonly flatness: number;
  readonly peakHu: number;
  /** Attenuation of its material, as far as blur lets it be known. */
  readonly materialHu: number;
  readonly surround: Surround;
  readonly place: CandidatePlace;
  /** Share of its voxels in the closed lungs, and in lungs or mediastinum. */
  readonly shareInLungs: number;
  readonly shareInChest: number;
  /** Share of its voxels in the spine's label, and beside the spine. */
  readonly shareInSpine: number;
  readonly shareBesideSpine: number;
  /** Deepest point under the surface of the closed lung. */
  readonly depthMm: number;
  /** How far a vessel goes on in line from either end, mm. */
  readonly vesselRunsMm: readonly [number, number];
  /** From how many of its ends it goes on far enough to be one. */
  readonly vesselEnds: number;
  /** Pieces in a line: 1 for a whole one. */
  readonly pieces: number;
}

/** Finds and measures what is denser than blood in the lungs and the mediastinum. Beads in a line are one candidate. */
export function findCtCandidates(volume: Volume, chest: ChestMap): CtCandidate[] {
  const lung = lungLevels(volume, chest);
  const between = mediastinumLevels(chest);
  const components = findDenseComponents(volume, chest.anatomy, (cell) => {
    switch (chest.region[cell]) {
      case REGION.rightLung:
      case REGION.leftLung:
        return chest.lungDepthMm[cell]! >= CT_CANDIDATES.minDepthMm ? lung : null;
      case REGION.mediastinum:
        return between;
      default:
        return null;
    }
  });
  const single = components
    .filter(({ voxels }) => isWorthMeasuring(placeOf(volume, chest, voxels)))
    .map((component) => measureComponent(volume, chest, component));
  return joinBeads(volume, single, chest.blood.hu);
}

function isWorthMeasuring({ shareInChest, shareInSpine }: ReturnType<typeof placeOf>): boolean {
  return shareInChest >= CT_CANDIDATES.measuredShareInChest && shareInSpine <= CT_CANDIDATES.measuredShareInSpine;
}

/** Seeds stand above blood and its noise; growth ends half-way to blood, but above the noise. */
function lungLevels(volume: Volume, { blood }: ChestMap): DensityLevels {
  const isThick = volume.spacingMm[2] > CT_VOLUME.thinSliceMm;
  const floorHu = isThick ? CT_CANDIDATES.minSeedThickHu : CT_CANDIDATES.minSeedHu;
  const aboveHu = Math.max(CT_CANDIDATES.aboveBloodHu, CT_CANDIDATES.aboveNoise * blood.noiseHu);
  return levelsFrom(Math.max(floorHu, blood.hu + aboveHu), blood.hu);
}

function mediastinumLevels({ blood }: ChestMap): DensityLevels {
  const aboveHu = Math.max(CT_CANDIDATES.aboveBloodBetweenHu, CT_CANDIDATES.aboveNoise * blood.noiseHu);
  return levelsFrom(blood.hu + aboveHu, blood.hu);
}

function levelsFrom(seedHu: number, bloodHu: number): DensityLevels {
  return { seedHu, growHu: bloodHu + CT_CANDIDATES.growShare * (seedHu - bloodHu) };
}

/** Measures one component and what lies around it. */
export function measureComponent(volume: Volume, chest: ChestMap, component: DenseComponent): CtCandidate {
  const { voxels, peakHu } = component;
  const place = placeOf(volume, chest, voxels);
  const surround = sampleSurround(volume, voxels);
  const backgroundHu = Math.min(surround.medianHu, component.growHu);
  const graph = buildVoxelGraph(volume, voxels);
  const core = halfMaximumNodes(volume, graph, backgroundHu, CT_CANDIDATES.peakReachMm);
  const line = traceCentreline(volume, graph, core, backgroundHu, CT_CANDIDATES);
  const calibre = measureCalibre(volume, voxels, core, line.paths, line.lengthMm, backgroundHu);
  return {
    voxels,
    paths: line.paths,
    lengthMm: line.lengthMm,
    calibreMm: calibre.largestMm,
    volumeMm3: calibre.volumeMm3,
    slenderness: line.lengthMm / Math.max(calibre.seenMm, Math.min(...volume.spacingMm)),
    branchCount: line.paths.length - 1,
    chord: chordOf(line.paths[0]!),
    flatness: measureFlatness(volume, voxels, core, line.paths[0]!, calibre.seenMm),
    peakHu,
    materialHu: calibre.materialHu,
    surround,
    ...findVesselEnds(volume, line.paths[0]!, chest.blood.hu),
    pieces: 1,
    ...place,
  };
}

function placeOf(
  volume: Volume,
  chest: ChestMap,
  voxels: Int32Array,
): Pick<CtCandidate, 'place' | 'shareInLungs' | 'shareInChest' | 'shareInSpine' | 'shareBesideSpine' | 'depthMm'> {
  let inLungs = 0;
  let between = 0;
  let inSpine = 0;
  let besideSpine = 0;
  let depthMm = 0;
  for (const voxel of voxels) {
    const cell = cellOfVoxel(chest.anatomy, ...ijkOf(volume, voxel));
    const region = chest.region[cell];
    if (region === REGION.rightLung || region === REGION.leftLung) inLungs++;
    if (region === REGION.mediastinum) between++;
    if (region === REGION.spine) inSpine++;
    if (chest.toSpineMm[cell]! <= CT_CANDIDATES.besideSpineMm || isAtAzygos(chest, cell)) besideSpine++;
    depthMm = Math.max(depthMm, chest.lungDepthMm[cell]!);
  }
  const shareInLungs = inLungs / voxels.length;
  const shareInChest = (inLungs + between) / voxels.length;
  const place = shareInChest < 0.5 ? 'elsewhere' : inLungs >= between ? 'lung' : 'mediastinum';
  return {
    place,
    shareInLungs,
    shareInChest,
    shareInSpine: inSpine / voxels.length,
    shareBesideSpine: besideSpine / voxels.length,
    depthMm,
  };
}

/** Where the azygos and hemiazygos veins run: between the lungs, close before the spine. */
function isAtAzygos({ anatomy, region, spine }: ChestMap, cell: number): boolean {
  if (region[cell] !== REGION.mediastinum) return false;
  const { nx, ny, spacingMm } = anatomy.grid;
  const y = Math.floor(cell / nx) % ny;
  const z = Math.floor(cell / (nx * ny));
  return (spine.y[z]! - y) * spacingMm[1] < CT_SITES.azygosBeforeSpineMm;
}

/** Column, row and slice of a flat index. */
export function ijkOf(volume: Volume, at: number): [number, number, number] {
  const { columns, rows } = volume;
  return [at % columns, Math.floor(at / columns) % rows, Math.floor(at / (columns * rows))];
}
