import type { Dataset } from './dataset.js';
import { type LookupTable, lookUp, readLookupTable } from './lookup-table.js';

/** Values of the modality to what is displayed. Source: PS3.3 C.11.2. */
export type VoiLut =
  | { readonly kind: 'table'; readonly table: LookupTable }
  | { readonly kind: 'window'; readonly shape: WindowShape; readonly center: number; readonly width: number };

export type WindowShape = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

/** The first VOI LUT of an image, a table before a window; null without a usable one. */
export function readVoiLut(dataset: Dataset): VoiLut | null {
  const item = dataset.items('VOILUTSequence')[0];
  const table = item === undefined ? null : readLookupTable(item);
  if (table !== null) return { kind: 'table', table };
  const center = dataset.number('WindowCenter');
  const width = dataset.number('WindowWidth');
  const shape = windowShape(dataset.string('VOILUTFunction'));
  // A linear window needs a width of at least 1, the others one above 0. Source: PS3.3 C.11.2.1.2, C.11.2.1.3.
  if (center === undefined || width === undefined || width <= 0 || (shape === 'LINEAR' && width < 1)) return null;
  return { kind: 'window', shape, center, width };
}

function windowShape(voiLutFunction: string | undefined): WindowShape {
  return voiLutFunction === 'LINEAR_EXACT' || voiLutFunction === 'SIGMOID' ? voiLutFunction : 'LINEAR';
}

/** The displayed value in 0..1 of one value of the modality. */
export function applyVoiLut(voi: VoiLut, value: number): number {
  if (voi.kind === 'table') return lookUp(voi.table, value) / (2 ** voi.table.bits - 1);
  const { shape, center, width } = voi;
  switch (shape) {
    case 'LINEAR': {
      // C.11.2.1.2.1: a width of 1 is a threshold.
      if (width === 1) return value <= center - 0.5 ? 0 : 1;
      return limit((value - (center - 0.5)) / (width - 1) + 0.5);
    }
    case 'LINEAR_EXACT':
      return limit((value - center) / width + 0.5); // C.11.2.1.3.2
    case 'SIGMOID':
      return 1 / (1 + Math.exp((-4 * (value - center)) / width)); // C.11.2.1.3.1
  }
}

function limit(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
