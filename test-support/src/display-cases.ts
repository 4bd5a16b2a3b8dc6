import { buildSmallFilm } from './small-film.js';

/** A small film that asks to be shown in a certain way. */
export interface DisplayCase {
  readonly name: string;
  readonly file: Uint8Array;
}

/** A modality LUT whose output is no straight line: 4096 entries, the square root of the input. */
const MODALITY_TABLE = {
  LUTDescriptor: [4096, 0, 16],
  ModalityLUTType: 'OD',
  LUTData: words(4096, (at) => Math.sqrt(at / 4095) * 4095),
};
/** A VOI LUT that starts within the values and ends before their end. */
const VOI_TABLE = { LUTDescriptor: [2048, 1024, 12], LUTData: words(2048, (at) => (at / 2047) ** 2 * 4095) };
const WINDOW = { WindowCenter: '2500', WindowWidth: '1500' };

const CASES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  window: { RescaleSlope: '1', RescaleIntercept: '0', ...WINDOW },
  'window beside slope and intercept': {
    RescaleSlope: '0.5',
    RescaleIntercept: '-200',
    WindowCenter: '800',
    WindowWidth: '900',
  },
  'sigmoid window': { ...WINDOW, VOILUTFunction: 'SIGMOID' },
  'modality LUT': { ModalityLUTSequence: [MODALITY_TABLE], ...WINDOW },
  'VOI LUT': { VOILUTSequence: [VOI_TABLE] },
  'modality LUT, then VOI LUT': { ModalityLUTSequence: [MODALITY_TABLE], VOILUTSequence: [VOI_TABLE] },
  'VOI LUT, inverted': {
    PhotometricInterpretation: 'MONOCHROME1',
    PresentationLUTShape: 'INVERSE',
    VOILUTSequence: [VOI_TABLE],
  },
  'window, inverted': { PhotometricInterpretation: 'MONOCHROME1', ...WINDOW },
  'window, inverse presentation alone': { PresentationLUTShape: 'INVERSE', ...WINDOW },
};

/** Films that differ only in how they ask to be shown. Sources: PS3.3 C.11.1, C.11.2, C.11.6. */
export function displayCases(): DisplayCase[] {
  return Object.entries(CASES).map(([name, attributes]) => ({
    name,
    file: buildSmallFilm({
      columns: 64,
      rows: 64,
      valueAt: (x, y) => (Math.floor(y * 64) + x) / 64,
      attributes,
    }),
  }));
}

function words(count: number, valueAt: (at: number) => number): Uint8Array {
  const view = new DataView(new ArrayBuffer(count * 2));
  for (let at = 0; at < count; at += 1) view.setUint16(at * 2, Math.round(valueAt(at)), true);
  return new Uint8Array(view.buffer);
}
