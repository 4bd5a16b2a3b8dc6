// Header parsing and pixel decoding against dcmjs and, where it is installed, dcmtk, in the same run. Makes its own data.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPart10, readPart10Header } from '@pce/shared/dicom/part10';
import { decodeFrame } from '@pce/shared/dicom/pixel-data';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { findTool } from '@pce/test-support/foreign-tool';
import dcmjs from 'dcmjs';
import { compare } from './measure.mjs';

const SIDE = 2048;
const HEADER_FILES = 300;
const FIRST_BYTES = 64 * 1024;

/** A 12-bit image with smooth structure and noise, such as a film. */
function filmLikeFile(side) {
  const pixels = new Uint16Array(side * side);
  let state = 1;
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      const value = 2048 + 1200 * Math.sin(i / 90) * Math.cos(j / 130) + ((state >>> 10) % 41) - 20;
      pixels[j * side + i] = Math.max(0, Math.min(4095, Math.round(value)));
    }
  }
  return buildDicom({
    attributes: {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.1.1',
      SOPInstanceUID: '2.25.1',
      StudyInstanceUID: '2.25.2',
      SeriesInstanceUID: '2.25.3',
      Modality: 'DX',
      PatientName: 'SIMULATED^BENCH',
      PatientID: 'BENCH',
      ImageType: ['ORIGINAL', 'PRIMARY'],
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: side,
      Columns: side,
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
    },
    pixelData: new Uint8Array(pixels.buffer),
  });
}

const arrayBufferOf = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const folder = mkdtempSync(join(tmpdir(), 'pce-bench-'));
try {
  const small = filmLikeFile(512);
  const smallBuffer = arrayBufferOf(small);
  await compare(
    `Header of ${HEADER_FILES} images of 512 x 512`,
    {
      pce: () => {
        for (let n = 0; n < HEADER_FILES; n++)
          readPart10Header(small.subarray(0, FIRST_BYTES)).dataset.string('Modality');
      },
      'dcmjs, until pixel data': () => {
        for (let n = 0; n < HEADER_FILES; n++) {
          dcmjs.data.DicomMessage.readFile(smallBuffer, { untilTag: '7FE00010', includeUntilTagValue: false });
        }
      },
      'dcmjs, whole file': () => {
        for (let n = 0; n < HEADER_FILES; n++) dcmjs.data.DicomMessage.readFile(smallBuffer);
      },
    },
    { unit: 'files', perRun: HEADER_FILES, runs: 5 },
  );

  const native = filmLikeFile(SIDE);
  const from = join(folder, 'native.dcm');
  writeFileSync(from, native);
  const nativeBuffer = arrayBufferOf(native);
  await compare(`Pixels of one uncompressed ${SIDE} x ${SIDE} image, from file bytes`, {
    pce: () => decodeFrame(readPart10(native), 0),
    'dcmjs readFile': () => {
      const { dict } = dcmjs.data.DicomMessage.readFile(nativeBuffer);
      return new Uint16Array(dict['7FE00010'].Value[0]);
    },
  });

  // What dcmjs cannot decode is compared with dcmtk's command of the same job, its start included.
  const encoders = [
    ['RLE', 'dcmcrle', [], 'dcmdrle'],
    ['JPEG lossless .70', 'dcmcjpeg', ['+e1'], 'dcmdjpeg'],
    ['JPEG extended .51', 'dcmcjpeg', ['+ee'], 'dcmdjpeg'],
    ['JPEG-LS .80', 'dcmcjpls', [], 'dcmdjpls'],
    ['JPEG 2000 .90', 'gdcmconv', ['--j2k'], 'gdcmconv'],
  ];
  for (const [name, encoder, options, decoder] of encoders) {
    if (findTool(encoder) === null || findTool(decoder) === null) {
      console.log(`${name}: skipped, ${encoder} or ${decoder} is not installed`);
      continue;
    }
    const to = join(folder, 'compressed.dcm');
    spawnSync(encoder, [...options, from, to]);
    const compressed = readFileSync(to);
    const decoded = join(folder, 'decoded.dcm');
    const decoderOptions = decoder === 'gdcmconv' ? ['--raw'] : [];
    await compare(
      `${name}, one ${SIDE} x ${SIDE} image of 12 bits`,
      {
        pce: () => decodeFrame(readPart10(compressed), 0),
        [`${decoder} (process)`]: () => spawnSync(decoder, [...decoderOptions, to, decoded]),
      },
      { runs: 5 },
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
