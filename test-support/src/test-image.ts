import { buildDicom, type DicomAttributes } from './dicom-builder.js';

/** How the samples of a test image are stored. */
export interface SampleKind {
  readonly bits: number;
  readonly allocated: 8 | 16;
  readonly signed: boolean;
}

/** Every kind of sample CT and projection radiography store. */
export const SAMPLE_KINDS = {
  u8: { bits: 8, allocated: 8, signed: false },
  u10: { bits: 10, allocated: 16, signed: false },
  u12: { bits: 12, allocated: 16, signed: false },
  s12: { bits: 12, allocated: 16, signed: true },
  u16: { bits: 16, allocated: 16, signed: false },
  s16: { bits: 16, allocated: 16, signed: true },
} as const satisfies Record<string, SampleKind>;

/**
 * Samples in which every bit plane varies: a ramp over the whole range, a texture from a congruential generator, and
 * flat rows at the top of the range.
 */
export function testSamples(kind: SampleKind, columns: number, rows: number): Int16Array | Uint16Array {
  const low = kind.signed ? -(2 ** (kind.bits - 1)) : 0;
  const span = 2 ** kind.bits;
  const samples = kind.signed ? new Int16Array(columns * rows) : new Uint16Array(columns * rows);
  let state = 12345;
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      const ramp = ((i + j) / (columns + rows)) * (span - 1);
      const texture = ((state >>> 8) % 17) - 8;
      const flat = j > rows - 10 && rows > 20 ? span - 1 : ramp + texture;
      samples[j * columns + i] = low + Math.min(span - 1, Math.max(0, Math.round(flat)));
    }
  }
  return samples;
}

/** Samples as native pixel data holds them: bits above Bits Stored are sign or zero, length even. */
export function storedBytes(samples: Int16Array | Uint16Array, kind: SampleKind): Uint8Array {
  const bytes = kind.allocated === 8 ? Uint8Array.from(samples) : new Uint8Array(samples.slice().buffer);
  return bytes.length % 2 === 0 ? bytes : Uint8Array.from([...bytes, 0]);
}

/** What a test image is made of; everything but the kind has a default. */
export interface TestImageOptions {
  readonly kind: SampleKind;
  readonly columns?: number;
  readonly rows?: number;
  readonly transferSyntaxUid?: string;
  /** Native bytes or fragments. @default `testSamples` of the kind and size */
  readonly pixelData?: Uint8Array | readonly Uint8Array[];
  readonly attributes?: DicomAttributes;
}

/** A secondary capture of the given samples: valid, without any meaning. */
export function buildTestImage(options: TestImageOptions): Uint8Array {
  const { kind, columns = 61, rows = 46, transferSyntaxUid } = options;
  return buildDicom({
    ...(transferSyntaxUid === undefined ? {} : { transferSyntaxUid }),
    attributes: {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
      SOPInstanceUID: '2.25.11',
      StudyInstanceUID: '2.25.12',
      SeriesInstanceUID: '2.25.13',
      Modality: 'OT',
      PatientName: 'TEST',
      PatientID: '1',
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: rows,
      Columns: columns,
      BitsAllocated: kind.allocated,
      BitsStored: kind.bits,
      HighBit: kind.bits - 1,
      PixelRepresentation: kind.signed ? 1 : 0,
      ...options.attributes,
    },
    pixelData: options.pixelData ?? storedBytes(testSamples(kind, columns, rows), kind),
  });
}
