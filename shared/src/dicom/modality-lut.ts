import type { Dataset } from './dataset.js';
import { type LookupTable, readLookupTable } from './lookup-table.js';

/** Stored value to the modality's own unit, for CT Hounsfield units. Source: PS3.3 C.11.1. */
export type ModalityLut =
  | { readonly kind: 'linear'; readonly slope: number; readonly intercept: number }
  | { readonly kind: 'table'; readonly table: LookupTable };

export const IDENTITY_LUT: ModalityLut = { kind: 'linear', slope: 1, intercept: 0 };

/**
 * The modality LUT of an image: the table where there is one, else slope and intercept, else the identity.
 * A table excludes slope and intercept (PS3.3 C.11.1.1), so with both the table is meant.
 */
export function readModalityLut(dataset: Dataset): ModalityLut {
  const item = dataset.items('ModalityLUTSequence')[0];
  const table = item === undefined ? null : readLookupTable(item);
  if (table !== null) return { kind: 'table', table };
  const slope = dataset.number('RescaleSlope');
  const intercept = dataset.number('RescaleIntercept');
  if (slope === undefined || intercept === undefined || slope === 0) return IDENTITY_LUT;
  return { kind: 'linear', slope, intercept };
}
