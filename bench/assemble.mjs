// A CT series of 300 slices of 512 x 512 to a volume in HU, against the same work on dcmjs, in the same run: headers,
// sorting by position, decoding, rescaling. Ours plans and checks the series as well. Makes its own data.
import charls from '@cornerstonejs/codec-charls/wasmjs';
import { assembleCtVolume } from '@pce/detector/core/volume/assemble-ct-volume';
import { describeInstance } from '@pce/detector/core/volume/describe-instance';
import { planStudy } from '@pce/detector/core/volume/plan-study';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom } from '@pce/test-support/dicom-builder';
import dcmjs from 'dcmjs';
import { compare } from './measure.mjs';

const SLICES = 300;
const SIDE = 512;
const PIXEL_MM = 0.7;
const JPEG_LS_LOSSLESS = '1.2.840.10008.1.2.4.80';
/** Slices with pixels of their own; the others repeat them at their own positions. */
const DISTINCT = 10;
const RUNS = 5;

/** A body with two lungs, vessels, and noise of about 20 HU, 12 bits from -1024 HU. */
function makePixels(seed) {
  const pixels = new Uint16Array(SIDE * SIDE);
  let state = seed + 1;
  for (let j = 0; j < SIDE; j++) {
    for (let i = 0; i < SIDE; i++) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      const noise = ((state >>> 10) % 61) - 30;
      const [x, y] = [(i - SIDE / 2) * PIXEL_MM, (j - SIDE / 2) * PIXEL_MM];
      const inBody = (x / 160) ** 2 + (y / 110) ** 2 < 1;
      const inLung = ((Math.abs(x) - 75) / 55) ** 2 + (y / 80) ** 2 < 1;
      const isVessel = Math.sin(x / 4 + seed) * Math.sin(y / 5) > 0.9;
      const hu = inBody ? (inLung && !isVessel ? -860 : 40) + noise : -990 + noise / 4;
      pixels[j * SIDE + i] = Math.round(hu + 1024);
    }
  }
  return new Uint8Array(pixels.buffer);
}

function makeSeries(contents, transferSyntaxUid) {
  return Array.from({ length: SLICES }, (_, k) => {
    const pixels = contents[k % DISTINCT];
    return buildDicom({
      ...(transferSyntaxUid ? { transferSyntaxUid } : {}),
      attributes: {
        ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        SOPInstanceUID: `2.25.${1000 + k}`,
        StudyInstanceUID: '2.25.2',
        SeriesInstanceUID: '2.25.3',
        Modality: 'CT',
        BodyPartExamined: 'CHEST',
        SliceThickness: 1,
        // Out of order, as they come from a PACS.
        ImagePositionPatient: [-179, -179, (k * 7) % SLICES],
        ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
        PixelSpacing: [PIXEL_MM, PIXEL_MM],
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
        Rows: SIDE,
        Columns: SIDE,
        BitsAllocated: 16,
        BitsStored: 12,
        HighBit: 11,
        PixelRepresentation: 0,
        RescaleIntercept: -1024,
        RescaleSlope: 1,
      },
      pixelData: transferSyntaxUid ? [pixels] : pixels,
    });
  });
}

async function assembleOurs(files) {
  const headers = files.map((bytes) => describeInstance(readPart10(bytes)));
  const byUid = new Map(headers.map((header, k) => [header.sopInstanceUid, files[k]]));
  const [part] = planStudy(headers).parts;
  const assembled = await assembleCtVolume(part.candidates[0].headers, async (uid) => readPart10(byUid.get(uid)));
  if (assembled.kind !== 'volume') throw new Error(assembled.reason.message);
  return assembled.volume.hu;
}

/** What a first program on dcmjs does: parse all, sort by position, decode, rescale into one array. */
function assembleWithDcmjs(buffers, decode) {
  const datasets = buffers.map((buffer) =>
    dcmjs.data.DicomMetaDictionary.naturalizeDataset(dcmjs.data.DicomMessage.readFile(buffer).dict),
  );
  datasets.sort((a, b) => a.ImagePositionPatient[2] - b.ImagePositionPatient[2]);
  const hu = new Int16Array(SLICES * SIDE * SIDE);
  datasets.forEach((dataset, k) => {
    const stored = decode([dataset.PixelData].flat()[0]);
    const { RescaleSlope: slope, RescaleIntercept: intercept } = dataset;
    for (let at = 0; at < stored.length; at++) hu[k * stored.length + at] = stored[at] * slope + intercept;
  });
  return hu;
}

const arrayBufferOf = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const codec = await charls({ print() {}, printErr() {} });

function encodeJpegLs(pixels) {
  const encoder = new codec.JpegLSEncoder();
  const frame = { width: SIDE, height: SIDE, bitsPerSample: 12, componentCount: 1 };
  encoder.getDecodedBuffer(frame).set(pixels);
  encoder.setNearLossless(0);
  encoder.encode();
  const encoded = new Uint8Array(encoder.getEncodedBuffer());
  encoder.delete();
  return encoded;
}

function decodeJpegLs(fragment) {
  const decoder = new codec.JpegLSDecoder();
  const encoded = new Uint8Array(fragment);
  decoder.getEncodedBuffer(encoded.length).set(encoded);
  decoder.decode();
  const decoded = decoder.getDecodedBuffer().slice();
  decoder.delete();
  return new Uint16Array(decoded.buffer);
}

const native = Array.from({ length: DISTINCT }, (_, k) => makePixels(k));
const cases = [
  ['uncompressed', makeSeries(native), (pixels) => new Uint16Array(pixels)],
  ['JPEG-LS', makeSeries(native.map(encodeJpegLs), JPEG_LS_LOSSLESS), decodeJpegLs],
];
for (const [name, files, decode] of cases) {
  const buffers = files.map(arrayBufferOf);
  const [ours, theirs] = [await assembleOurs(files), assembleWithDcmjs(buffers, decode)];
  if (!ours.every((value, at) => value === theirs[at])) throw new Error(`${name}: the two volumes differ`);
  await compare(
    `Volume of ${SLICES} slices of ${SIDE} x ${SIDE}, ${name}`,
    { pce: () => assembleOurs(files), dcmjs: () => assembleWithDcmjs(buffers, decode) },
    { runs: RUNS, unit: 'slices', perRun: SLICES },
  );
}
console.log(`  peak memory of the run: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
