import type { NotAnalysable, NotApplicable } from '@pce/shared/contracts/exam-outcome';
import type { DicomFile } from '@pce/shared/dicom/part10';
import { decodeFrame, type PixelFrame } from '@pce/shared/dicom/pixel-data';
import { FILM } from '../parameters.js';
import { bodyRegionOf } from './body-region.js';
import { describeInstance } from './describe-instance.js';
import { filmOrientation } from './film-orientation.js';
import { filmSpacing } from './film-spacing.js';
import { type FilmValues, filmValues } from './film-values.js';
import { greyFrame } from './grey-frame.js';
import { type InstanceHeader, referenceTo } from './instance-header.js';
import { mediastinalContrast } from './mediastinal-contrast.js';
import { planRadiographs } from './plan-radiographs.js';
import type { Radiograph } from './radiograph.js';
import { notAnalysable } from './reason.js';
import { viewFromImage } from './view-from-image.js';
import { isFrontalByOrientation, viewFromTags } from './view-from-tags.js';

/** Reads a projection image as a radiograph: values in 0..1 with dense bright, millimetres, view and body part. */
export async function readRadiograph(
  file: DicomFile,
): Promise<{ kind: 'radiograph'; radiograph: Radiograph } | NotAnalysable | NotApplicable> {
  const header = describeInstance(file);
  const [decision] = planRadiographs([header]);
  if (decision?.kind === 'refused') return decision.outcome;
  const refusal = refuseForm(header);
  if (refusal !== null) return refusal;
  const decoded = await decode(file);
  if ('kind' in decoded) return decoded;
  const frame = greyFrame(decoded);
  if ('kind' in frame) return frame;
  const { pixels, remarks } = rightWayRound(filmValues(file.dataset, frame), header);
  const deviation = standardDeviation(pixels);
  if (deviation < FILM.minStandardDeviation) {
    const expected = `a standard deviation of at least ${FILM.minStandardDeviation} of the range`;
    return notAnalysable('no-contrast', 'Contrast of the radiograph', expected, deviation.toFixed(3));
  }
  const radiograph = describeRadiograph(header, pixels, [...remarks, ...formRemarks(header, file)]);
  return { kind: 'radiograph', radiograph };
}

function refuseForm(header: InstanceHeader): NotAnalysable | null {
  const { rows, columns, frameCount } = header;
  if (frameCount !== 1) return notAnalysable('multi-frame', 'Frames of the radiograph', '1', `${frameCount}`);
  if (Math.min(rows, columns) < FILM.minSidePx) {
    const expected = `at least ${FILM.minSidePx} pixels on each side`;
    return notAnalysable('too-small', 'Size of the radiograph', expected, `${columns} x ${rows}`);
  }
  if (rows * columns > FILM.maxPixels) {
    const expected = `at most ${FILM.maxPixels} pixels`;
    return notAnalysable('too-large', 'Size of the radiograph', expected, `${columns} x ${rows}`);
  }
  const relationship = header.pixelIntensityRelationship;
  if (header.presentationIntent === 'FOR PROCESSING' && relationship !== 'LIN' && relationship !== 'LOG') {
    const received = relationship === null ? 'neither' : relationship.slice(0, 16);
    return notAnalysable(
      'for-processing',
      'Pixel Intensity Relationship of an image for processing',
      'LIN or LOG',
      received,
    );
  }
  return null;
}

async function decode(file: DicomFile): Promise<PixelFrame | NotAnalysable> {
  try {
    const frame = await decodeFrame(file, 0);
    if (frame.bitsStored <= 16) return frame;
    return notAnalysable('undecodable', 'Bits Stored', 'at most 16', `${frame.bitsStored}`);
  } catch (error) {
    const received = error instanceof Error ? error.message : 'an error';
    return notAnalysable('undecodable', 'Radiograph', 'an image that can be decoded', received);
  }
}

/**
 * A film saved as a negative, or tagged as one by mistake, is turned back: its lungs are bright and its middle dark,
 * which no chest or spine seen from the front has, and lateral ones have far less.
 */
function rightWayRound({ pixels, remarks }: FilmValues, header: InstanceHeader): FilmValues {
  const { overMean } = mediastinalContrast(pixels, header.columns, header.rows);
  if (overMean >= FILM.invertedContrast || viewFromTags(header) === 'lateral') return { pixels, remarks };
  const sentence = 'Black and white are exchanged against what the header says; read the other way round.';
  return { pixels: pixels.map((value) => 1 - value), remarks: [...remarks, sentence] };
}

function describeRadiograph(header: InstanceHeader, pixels: Float32Array, remarks: readonly string[]): Radiograph {
  const { columns, rows } = header;
  const spacing = filmSpacing(header.spacings, columns, rows);
  const tagged = viewFromTags(header);
  const { region } = bodyRegionOf(header);
  return {
    pixels,
    columns,
    rows,
    spacingMm: spacing.spacingMm,
    calibration: spacing.calibration,
    view: tagged ?? (isFrontalByOrientation(header) ? 'PA' : viewFromImage(pixels, columns, rows)),
    viewSource: tagged === null ? 'image' : 'tags',
    bodyPart: region === 'chest' || region === 'spine' ? region : 'unknown',
    ...filmOrientation(header.patientOrientation),
    image: referenceTo(header),
    remarks: [...spacing.remarks, ...remarks],
  };
}

function formRemarks(header: InstanceHeader, file: DicomFile): string[] {
  const remarks: string[] = [];
  if (Math.max(header.rows, header.columns) < FILM.fineSidePx) {
    remarks.push(`Only ${header.columns} x ${header.rows} pixels: fine lines may not show.`);
  }
  if (file.dataset.string('LossyImageCompression') === '01') remarks.push('The image was compressed with loss.');
  if (header.presentationIntent === 'FOR PROCESSING') {
    remarks.push('An image for processing was read: the study has none for presentation.');
  }
  return remarks;
}

function standardDeviation(values: Float32Array): number {
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < values.length; at++) {
    sum += values[at]!;
    squares += values[at]! * values[at]!;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
}
