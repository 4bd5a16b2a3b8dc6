import { forBox, paintEllipse, paintEllipsoid, type SliceGrid } from './paint-slice.js';
import type { Anatomy } from './phantom-anatomy.js';
import { HU } from './phantom-materials.js';
import {
  cageDistanceMm,
  cageSection,
  diaphragmZ,
  mediastinumHalfWidthMm,
  skinSection,
  spineY,
} from './phantom-torso.js';

/** Lung is denser behind, where blood sinks to when lying: Hounsfield units for each millimetre. */
const LUNG_GRADIENT_HU_PER_MM = 0.55;
const COUCH_Y = 152;

/**
 * Paints the soft parts of one axial cut: body, chest wall, lungs, mediastinum, heart, abdomen and spine. Tubes
 * (ribs, vessels, airways) are added by the caller.
 *
 * @param hu the slice, overwritten
 * @param options.couch whether the CT couch shows
 */
export function paintSoftParts(
  hu: Float32Array,
  grid: SliceGrid,
  anatomy: Anatomy,
  z: number,
  options: { couch: boolean },
): void {
  hu.fill(HU.air);
  if (options.couch) paintCouch(hu, grid);
  paintBody(hu, grid, anatomy, z);
  paintCageContent(hu, grid, anatomy, z);
  paintHeart(hu, grid, anatomy, z);
  paintSpine(hu, grid, anatomy, z);
  for (const bone of anatomy.skeleton.solids) paintEllipsoid(hu, grid, bone, z);
}

function paintCouch(hu: Float32Array, grid: SliceGrid): void {
  const shell = { centerX: 0, centerY: COUCH_Y + 30, halfWidth: 210, halfDepth: 34, square: 0.6 };
  paintEllipse(hu, grid, shell, HU.couch + 350);
  paintEllipse(hu, grid, { ...shell, halfWidth: 208, halfDepth: 32 }, -960);
}

function paintBody(hu: Float32Array, grid: SliceGrid, anatomy: Anatomy, z: number): void {
  const { torso } = anatomy;
  const skin = { ...skinSection(torso, z), centerX: 0 };
  paintEllipse(hu, grid, { ...skin, square: 0.35 }, HU.soft);
  const under = (mm: number) => ({
    ...skin,
    halfWidth: skin.halfWidth - mm,
    halfDepth: skin.halfDepth - mm,
    square: 0.35,
  });
  paintEllipse(hu, grid, under(1.6), HU.fat);
  paintEllipse(hu, grid, { ...under(torso.fatMm), square: 0.25 }, HU.muscle);
  if (z < 30 && z > -90) paintBreasts(hu, grid, anatomy, z);
}

/** Two flat caps of fat with glandular tissue in front of the chest wall. */
function paintBreasts(hu: Float32Array, grid: SliceGrid, anatomy: Anatomy, z: number): void {
  const front = -anatomy.torso.cageHalfDepthMm - 22 - anatomy.torso.fatMm * 0.5;
  for (const side of [1, -1]) {
    const center: [number, number, number] = [side * 76, front + 8, -38];
    paintEllipsoid(hu, grid, { center, semiAxesMm: [58, 26, 44], hu: HU.fat }, z);
    paintEllipsoid(hu, grid, { center: [center[0], center[1] - 6, -40], semiAxesMm: [30, 9, 22], hu: 0 }, z);
  }
}

/** Lungs above the diaphragm, abdomen below it, the fatty core of the mediastinum between. */
function paintCageContent(hu: Float32Array, grid: SliceGrid, anatomy: Anatomy, z: number): void {
  const { torso } = anatomy;
  const section = cageSection(torso, z);
  if (!section) return;
  const { halfWidth, halfDepth, centerY } = section;
  const { pixelMm } = grid;
  forBox(grid, [-halfWidth - 2, halfWidth + 2, centerY - halfDepth - 2, centerY + halfDepth + 2], (index, x, y) => {
    const inside = 0.5 - cageDistanceMm(section, x, y) / pixelMm;
    if (inside <= 0) return;
    const value = cageValue(anatomy, x, y, z, pixelMm);
    hu[index] = hu[index]! + (value - hu[index]!) * Math.min(1, inside);
  });
}

function cageValue(anatomy: Anatomy, x: number, y: number, z: number, pixelMm: number): number {
  const { torso } = anatomy;
  const core = mediastinumHalfWidthMm(y, z) - Math.abs(x);
  const inCore = Math.min(1, Math.max(0, 0.5 + core / pixelMm));
  // a slice is about two pixels thick, so the dome blurs over that
  const above = z < -60 ? Math.min(1, Math.max(0, 0.5 + (z - diaphragmZ(torso, x, y)) / 2.5)) : 1;
  const lung = HU.lung + LUNG_GRADIENT_HU_PER_MM * y;
  const content = above === 0 ? abdomenValue(x, y, z) : above * lung + (1 - above) * abdomenValue(x, y, z);
  if (inCore === 0) return content;
  const fat = z < torso.domeZ.left - 30 ? HU.soft : HU.fat + 30;
  return content + (fat - content) * inCore;
}

/** Liver on the right, stomach with its gas bubble and spleen on the left, fat and bowel further down. */
function abdomenValue(x: number, y: number, z: number): number {
  const bubble = ((x - 62) / 34) ** 2 + ((y + 22) / 26) ** 2 + ((z + 138) / 14) ** 2;
  if (bubble < 1) return HU.air + 60;
  if (x < 30 - (z + 120) * 0.2 && z > -230) return HU.liver;
  const bowel = Math.sin(x / 19) * Math.sin(y / 17 + 1) * Math.sin(z / 21);
  return bowel > 0.1 ? HU.stomach : HU.fat + 40;
}

function paintHeart(hu: Float32Array, grid: SliceGrid, anatomy: Anatomy, z: number): void {
  for (const part of anatomy.torso.heart) paintEllipsoid(hu, grid, part, z, anatomy.blood.myocardium);
  for (const chamber of anatomy.chambers) paintEllipsoid(hu, grid, chamber, z);
}

/** Paravertebral muscle, bodies with their shell and endplates, the canal, the discs. */
function paintSpine(hu: Float32Array, grid: SliceGrid, anatomy: Anatomy, z: number): void {
  const y = spineY(z);
  paintEllipse(hu, grid, { centerX: 0, centerY: y + 2, halfWidth: 24, halfDepth: 20, square: 0.3 }, HU.soft);
  const nearest = anatomy.skeleton.vertebrae.reduce((best, v) =>
    Math.abs(v.center[2] - z) < Math.abs(best.center[2] - z) ? v : best,
  );
  const dz = Math.abs(z - nearest.center[2]);
  const body = { centerX: 0, centerY: y, square: 0.3, halfWidth: nearest.halfWidthMm, halfDepth: nearest.halfDepthMm };
  if (dz < nearest.halfHeightMm) {
    const waist = 1 - 0.08 * (1 - (dz / nearest.halfHeightMm) ** 2);
    const shell = { ...body, halfWidth: body.halfWidth * waist, halfDepth: body.halfDepth * waist };
    const endplate = dz > nearest.halfHeightMm - 1.2;
    paintEllipse(hu, grid, shell, HU.endplate);
    if (!endplate)
      paintEllipse(
        hu,
        grid,
        { ...shell, halfWidth: shell.halfWidth - 1.2, halfDepth: shell.halfDepth - 1.2 },
        HU.trabecular,
      );
  } else paintEllipse(hu, grid, body, 80);
  const canal = { centerX: 0, centerY: y + nearest.halfDepthMm + 9, halfWidth: 11.5, halfDepth: 9.5 };
  paintEllipse(hu, grid, canal, 300);
  paintEllipse(hu, grid, { ...canal, halfWidth: 9.5, halfDepth: 7.5 }, 20);
}
