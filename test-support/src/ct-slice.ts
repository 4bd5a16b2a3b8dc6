import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildDicom, type DicomAttributes } from './dicom-builder.js';

/** CT Image Storage. */
export const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';

/** A small CT slice with its own pixels; `index` numbers it within its series. */
export function ctSlice(study: string, index: number, attributes: DicomAttributes = {}, pixelSeed = index): Uint8Array {
  const pixelData = new Uint8Array(64 * 64 * 2).map((_, at) => (at * 31 + pixelSeed * 7) % 251);
  return buildDicom({
    attributes: {
      SOPClassUID: CT_IMAGE,
      SOPInstanceUID: `1.2.3.${study}.1.${index}`,
      StudyInstanceUID: `1.2.3.${study}`,
      SeriesInstanceUID: `1.2.3.${study}.1`,
      Modality: 'CT',
      PatientID: `ID${study}`,
      PatientName: 'Test^Patient',
      StudyDescription: 'Vertebroplasty L1',
      InstanceNumber: index,
      ImagePositionPatient: [0, 0, index * 2],
      ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
      Rows: 64,
      Columns: 64,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 1,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      ...attributes,
    },
    pixelData,
  });
}

/** Writes files `0001.dcm`, ... into a folder; gives their paths. */
export async function writeFiles(folder: string, files: readonly Uint8Array[]): Promise<string[]> {
  const paths = files.map((_, index) => join(folder, `${String(index + 1).padStart(4, '0')}.dcm`));
  await Promise.all(files.map((bytes, index) => writeFile(paths[index] as string, bytes)));
  return paths;
}
