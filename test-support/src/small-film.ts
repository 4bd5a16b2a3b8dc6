import { buildDicom } from './dicom-builder.js';
import { uidFromSeed } from './uid-from-seed.js';

const DIGITAL_X_RAY_FOR_PRESENTATION = '1.2.840.10008.5.1.4.1.1.1.1';

export interface SmallFilmOptions {
  /** @default "film" */
  readonly seed?: string;
  /** @default 320 */
  readonly columns?: number;
  /** @default 400 */
  readonly rows?: number;
  /** Value in 0..1, dense bright, at a place in 0..1 of width and height. @default smallFilmValue */
  readonly valueAt?: (x: number, y: number) => number;
  /** Stored value of a value in 0..1. @default 12 bits, dense high */
  readonly storedOf?: (value: number) => number;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly pixelData?: Uint8Array;
}

/** Two dark lungs beside a bright mediastinum, a little brighter towards the feet. */
export function smallFilmValue(x: number, y: number): number {
  const inLung = ((Math.abs(x - 0.5) - 0.2) / 0.12) ** 2 + ((y - 0.45) / 0.32) ** 2 < 1;
  return (inLung ? 0.2 : 0.75) + 0.2 * y;
}

/** A DX image of a simple chest, 320 x 400 pixels, as a whole DICOM file. */
export function buildSmallFilm(options: SmallFilmOptions = {}): Uint8Array {
  const { columns = 320, rows = 400, seed = 'film', valueAt = smallFilmValue } = options;
  const storedOf = options.storedOf ?? ((value: number) => value * 4095);
  const view = new DataView(new ArrayBuffer(columns * rows * 2));
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const value = valueAt((i + 0.5) / columns, (j + 0.5) / rows);
      view.setInt16((j * columns + i) * 2, Math.round(storedOf(value)), true);
    }
  }
  return buildDicom({
    attributes: {
      ImageType: ['ORIGINAL', 'PRIMARY'],
      Modality: 'DX',
      BodyPartExamined: 'CHEST',
      ViewPosition: 'PA',
      PresentationIntentType: 'FOR PRESENTATION',
      SOPClassUID: DIGITAL_X_RAY_FOR_PRESENTATION,
      StudyInstanceUID: uidFromSeed('film study'),
      SeriesInstanceUID: uidFromSeed('film series'),
      SOPInstanceUID: uidFromSeed(`film study ${seed}`),
      PatientOrientation: ['L', 'F'],
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: rows,
      Columns: columns,
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
      ...options.attributes,
    },
    pixelData: options.pixelData ?? new Uint8Array(view.buffer),
  });
}
