import type { NotAnalysable, NotApplicable } from '@pce/shared/contracts/exam-outcome';
import { bodyRegionOf } from './body-region.js';
import type { InstanceHeader } from './instance-header.js';
import { notAnalysable, notApplicable } from './reason.js';

/** Computed and digital radiography, and films scanned. Source: PS3.3 C.7.3.1.1.1. */
export const FILM_MODALITIES: readonly string[] = ['CR', 'DX', 'RG'];
/** Modalities under which screen captures of films travel. */
const CAPTURE_MODALITIES = ['OT', 'SC'];
const SECONDARY_CAPTURE_CLASS = '1.2.840.10008.5.1.4.1.1.7';

/** Whether an instance is a projection image of the kind we read, whatever part of the body it shows. */
export function isFilm(header: InstanceHeader): boolean {
  if (FILM_MODALITIES.includes(header.modality)) return true;
  const isCapture = CAPTURE_MODALITIES.includes(header.modality) && header.sopClassUid === SECONDARY_CAPTURE_CLASS;
  return isCapture && header.viewPosition !== null && header.bodyPart !== null;
}

/** What becomes of each film: read, or not and why. */
export type FilmDecision =
  | { readonly kind: 'read'; readonly header: InstanceHeader }
  /** Left out because another image shows the same exposure. */
  | { readonly kind: 'twin'; readonly header: InstanceHeader; readonly reason: NotApplicable['reason'] }
  | { readonly kind: 'refused'; readonly header: InstanceHeader; readonly outcome: NotAnalysable | NotApplicable };

/** Decides on all films of a study. Films of unknown body part are read: the image itself will tell. */
export function planRadiographs(films: readonly InstanceHeader[]): FilmDecision[] {
  return films.map((header) => {
    const { region, evidence } = bodyRegionOf(header);
    if (region === 'other' || region === 'abdomen') {
      const outcome = notApplicable('not-chest', 'Body part', 'chest or thoracolumbar spine', evidence);
      return { kind: 'refused', header, outcome };
    }
    if (!header.hasPixelData) {
      const outcome = notAnalysable('no-pixel-data', 'Radiograph', 'an image', 'a header without pixel data');
      return { kind: 'refused', header, outcome };
    }
    const twin = isForProcessing(header) ? films.find((other) => isPresentationOf(other, header)) : undefined;
    if (!twin) return { kind: 'read', header };
    const received = 'one for processing whose image for presentation is in the study';
    const { reason } = notApplicable('for-processing', 'Radiograph', 'one image of each exposure', received);
    return { kind: 'twin', header, reason };
  });
}

function isForProcessing(header: InstanceHeader): boolean {
  return header.presentationIntent === 'FOR PROCESSING';
}

/** Made from it by reference, or of the same moment and view. */
function isPresentationOf(other: InstanceHeader, raw: InstanceHeader): boolean {
  if (isForProcessing(other) || !other.hasPixelData) return false;
  if (other.sourceImages.includes(raw.sopInstanceUid)) return true;
  return raw.acquiredAt !== null && other.acquiredAt === raw.acquiredAt && other.viewPosition === raw.viewPosition;
}
