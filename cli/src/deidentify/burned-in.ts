import type { Dataset } from '@pce/shared/dicom/dataset';

/** Why an object cannot be shared as it is. */
export interface Refusal {
  readonly code:
    | 'unreadable'
    | 'burned-in-annotation'
    | 'secondary-capture'
    | 'may-have-burned-in-text'
    | 'overlay-in-pixels'
    | 'encapsulated-document'
    | 'identity-in-pixels';
  readonly message: string;
}

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
const ENCAPSULATED = '1.2.840.10008.5.1.4.1.1.104';
const SEGMENTATION = '1.2.840.10008.5.1.4.1.1.66.4';
/** Made slice by slice by the scanner: text is burnt in only where a screen was captured. */
const SLICE_MODALITIES = new Set(['CT', 'MR', 'PT', 'NM']);

/**
 * Whether an image may show text in its pixels, which no rule for attributes removes.
 *
 * CT, MR, PET and NM pass unless they are derived and secondary, as captured screens are. Every other image passes
 * only where Burned In Annotation says NO. Secondary captures never pass.
 *
 * Source: PS3.15 section E.3.1, PS3.3 C.7.6.1.1.2
 */
export function burnedInRefusal(dataset: Dataset, hasPixels: boolean): Refusal | null {
  const sopClass = dataset.string('SOPClassUID') ?? '';
  if (sopClass.startsWith(`${ENCAPSULATED}.`)) {
    return { code: 'encapsulated-document', message: 'a document inside the object cannot be cleaned' };
  }
  if (!hasPixels || sopClass === SEGMENTATION) return null;
  const stated = dataset.string('BurnedInAnnotation');
  if (stated === 'YES') return { code: 'burned-in-annotation', message: 'Burned In Annotation (0028,0301) is YES' };
  if (sopClass === SECONDARY_CAPTURE || sopClass.startsWith(`${SECONDARY_CAPTURE}.`) || dataset.has('ConversionType')) {
    return { code: 'secondary-capture', message: 'a secondary capture: its pixels may be a screen with a name on it' };
  }
  const [origin, examination] = dataset.strings('ImageType');
  const isCaptured = origin === 'DERIVED' && examination === 'SECONDARY';
  const isSlice = SLICE_MODALITIES.has(dataset.string('Modality') ?? '');
  if (stated === 'NO' || (isSlice && !isCaptured)) return null;
  const message = 'nothing says that no text is burnt in: Burned In Annotation (0028,0301) is not NO';
  return { code: 'may-have-burned-in-text', message };
}
