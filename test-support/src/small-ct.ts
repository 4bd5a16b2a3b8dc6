import { buildDicom } from './dicom-builder.js';
import { uidFromSeed } from './uid-from-seed.js';

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const ENHANCED_CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2.1';

type Vector = readonly [number, number, number];

/** One slice of a small CT; everything has a default, and any attribute can be set or taken away. */
export interface SmallSliceOptions {
  /** Names the instance: the same seed gives the same UID. */
  readonly seed: string;
  /** @default "study" */
  readonly study?: string;
  /** @default "series" */
  readonly series?: string;
  readonly positionLpsMm: Vector;
  /** @default columns to the left, rows to the back */
  readonly rowDirection?: Vector;
  readonly columnDirection?: Vector;
  /** @default 32 */
  readonly side?: number;
  /** @default 8: a field of 256 mm */
  readonly pixelMm?: number;
  readonly sliceThicknessMm?: number;
  /** Two's complement, rescaled by 1 and 0. @default false: unsigned, rescaled by 1 and -1024 */
  readonly signed?: boolean;
  /** Attenuation at a point of the patient. @default smallChestHu */
  readonly huAt?: (point: Vector) => number;
  /** Stored value of an attenuation. @default by the default rescale */
  readonly storedOf?: (hu: number) => number;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** An air-filled box of 256 mm with a body in it, 200 x 160 mm, and two lungs of 60 x 100 mm. */
export function smallChestHu([x, y]: Vector): number {
  if ((x / 100) ** 2 + (y / 80) ** 2 > 1) return -1000;
  return ((Math.abs(x) - 45) / 30) ** 2 + (y / 50) ** 2 < 1 ? -850 : 40;
}

/** A classic CT image of a simple chest, 32 x 32 pixels of 8 mm, as a whole DICOM file. */
export function buildSmallSlice(options: SmallSliceOptions): Uint8Array {
  const { signed = false, study = 'study', series = 'series', positionLpsMm } = options;
  return buildDicom({
    attributes: {
      ...commonAttributes(study, series, options.side ?? 32, signed),
      SOPClassUID: CT_IMAGE_STORAGE,
      SOPInstanceUID: uidFromSeed(`${study} ${series} ${options.seed}`),
      ImagePositionPatient: [...positionLpsMm],
      ImageOrientationPatient: [...(options.rowDirection ?? [1, 0, 0]), ...(options.columnDirection ?? [0, 1, 0])],
      PixelSpacing: [options.pixelMm ?? 8, options.pixelMm ?? 8],
      SliceThickness: options.sliceThicknessMm ?? 3,
      ConvolutionKernel: 'B30f',
      AcquisitionNumber: 1,
      RescaleSlope: 1,
      RescaleIntercept: signed ? 0 : -1024,
      RescaleType: 'HU',
      ...options.attributes,
    },
    pixelData: smallPixels(options),
  });
}

/** An Enhanced CT image with one frame per position; shared are orientation, pixel measures and rescale. */
export function buildSmallEnhancedCt(positions: readonly Vector[], huAt = smallChestHu): Uint8Array {
  const slices = positions.map((positionLpsMm) => smallPixels({ seed: '', positionLpsMm, huAt }));
  return buildDicom({
    attributes: {
      ...commonAttributes('study', 'series', 32, false),
      SOPClassUID: ENHANCED_CT_IMAGE_STORAGE,
      SOPInstanceUID: uidFromSeed('study series enhanced'),
      NumberOfFrames: positions.length,
      SharedFunctionalGroupsSequence: [
        {
          PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }],
          PixelMeasuresSequence: [{ PixelSpacing: [8, 8], SliceThickness: 3 }],
          PixelValueTransformationSequence: [{ RescaleSlope: 1, RescaleIntercept: -1024, RescaleType: 'HU' }],
        },
      ],
      PerFrameFunctionalGroupsSequence: positions.map((position) => ({
        PlanePositionSequence: [{ ImagePositionPatient: [...position] }],
        FrameContentSequence: [{ FrameAcquisitionNumber: 1 }],
      })),
    },
    pixelData: Buffer.concat(slices),
  });
}

function commonAttributes(study: string, series: string, side: number, signed: boolean) {
  return {
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    Modality: 'CT',
    BodyPartExamined: 'CHEST',
    StudyInstanceUID: uidFromSeed(study),
    SeriesInstanceUID: uidFromSeed(`${study} ${series}`),
    FrameOfReferenceUID: uidFromSeed(`${study} frame of reference`),
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: side,
    Columns: side,
    BitsAllocated: 16,
    BitsStored: signed ? 16 : 12,
    HighBit: signed ? 15 : 11,
    PixelRepresentation: signed ? 1 : 0,
  };
}

function smallPixels(options: SmallSliceOptions): Uint8Array {
  const { side = 32, pixelMm = 8, huAt = smallChestHu, signed = false } = options;
  const row = options.rowDirection ?? [1, 0, 0];
  const column = options.columnDirection ?? [0, 1, 0];
  const storedOf = options.storedOf ?? ((hu: number) => (signed ? hu : hu + 1024));
  const view = new DataView(new ArrayBuffer(side * side * 2));
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      const point = [0, 1, 2].map(
        (axis) => options.positionLpsMm[axis]! + pixelMm * (i * row[axis]! + j * column[axis]!),
      ) as unknown as Vector;
      view.setInt16((j * side + i) * 2, Math.round(storedOf(huAt(point))), true);
    }
  }
  return new Uint8Array(view.buffer);
}

/** Corner of the top left pixel of a slice whose 32 x 32 pixels of 8 mm are centred on the axis of the body. */
export function smallSlicePosition(z: number): Vector {
  return [-124, -124, z];
}
