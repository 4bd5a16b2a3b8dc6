import { lookUp } from '@pce/shared/dicom/lookup-table';
import type { ModalityLut } from '@pce/shared/dicom/modality-lut';
import type { PixelFrame } from '@pce/shared/dicom/pixel-data';
import type { PaddingRange } from '@pce/shared/dicom/stored-padding';
import { CT_VOLUME } from '../parameters.js';

const INT16_MAX = 32_767;
const WORD_VALUES = 65_536;

/** Stored values to Hounsfield units for one slice: rounded, air below -1024 HU, padding as air. */
export interface HounsfieldTable {
  /** Attenuation by the low 16 bits of the stored value. */
  readonly huOfWord: Int16Array;
  /** What is added to a stored value where that is all there is to it, as in most CTs; else null. */
  readonly shift: number | null;
  /** Attenuation of the largest value the stored bits can hold. */
  readonly storedLimitHu: number;
}

/** How a slice stores its values. */
export interface StoredForm {
  readonly lut: ModalityLut;
  readonly padding: PaddingRange | null;
  readonly signed: boolean;
  readonly bitsStored: number;
}

/**
 * Tabulates stored values of up to 16 bits.
 *
 * Padding is believed only where its attenuation is that of air or less: 0 HU marked as padding would cut holes.
 */
export function tabulateHounsfield({ lut, padding, signed, bitsStored }: StoredForm): HounsfieldTable {
  const huOfWord = new Int16Array(WORD_VALUES);
  const trusted = padding !== null && toHu(lut, padding.to) <= CT_VOLUME.maxPaddingHu ? padding : null;
  for (let word = 0; word < WORD_VALUES; word++) {
    const stored = signed && word >= WORD_VALUES / 2 ? word - WORD_VALUES : word;
    const isPadding = trusted !== null && stored >= trusted.from && stored <= trusted.to;
    huOfWord[word] = isPadding ? CT_VOLUME.airHu : limit(toHu(lut, stored));
  }
  const largest = signed ? 2 ** (bitsStored - 1) - 1 : 2 ** bitsStored - 1;
  const isShift = lut.kind === 'linear' && lut.slope === 1 && Number.isInteger(lut.intercept) && trusted === null;
  const fits = isShift && largest + lut.intercept <= INT16_MAX;
  return { huOfWord, shift: fits ? lut.intercept : null, storedLimitHu: limit(toHu(lut, largest)) };
}

function toHu(lut: ModalityLut, stored: number): number {
  return lut.kind === 'table' ? lookUp(lut.table, stored) : stored * lut.slope + lut.intercept;
}

function limit(hu: number): number {
  return Math.round(Math.min(Math.max(hu, CT_VOLUME.airHu), INT16_MAX));
}

/**
 * Writes one decoded slice in Hounsfield units.
 *
 * @param target as many values as the slice has pixels
 * @returns the largest value written
 * @throws RangeError for values wider than 16 bits, which no CT stores
 */
export function writeHounsfield(frame: PixelFrame, { huOfWord, shift }: HounsfieldTable, target: Int16Array): number {
  const { pixels } = frame;
  if (frame.bitsStored > 16) throw new RangeError(`Bits Stored: expected at most 16; received ${frame.bitsStored}`);
  const { airHu } = CT_VOLUME;
  let largest: number = airHu;
  for (let at = 0; at < target.length; at++) {
    const hu = shift === null ? huOfWord[pixels[at]! & 0xffff]! : Math.max(pixels[at]! + shift, airHu);
    target[at] = hu;
    if (hu > largest) largest = hu;
  }
  return largest;
}
