import { describeInstance } from '@pce/detector/core/volume/describe-instance';
import type { FrameHeader, InstanceHeader } from '@pce/detector/core/volume/instance-header';
import { readRadiograph } from '@pce/detector/core/volume/read-radiograph';
import type { DicomFile } from '@pce/shared/dicom/part10';
import { decodeFrame } from '@pce/shared/dicom/pixel-data';
import type { Fact } from './fact.js';

/** What is read from one file, without the patient: identity, encoding, pixels, geometry or calibration. */
export async function describeFile(file: DicomFile): Promise<Fact[]> {
  const header = describeInstance(file);
  return [
    ...identityFacts(file, header),
    { key: 'decoding', label: 'Decoding', value: await decoding(file) },
    ...(header.frames[0] ? sliceFacts(header.frames[0]) : []),
    ...(await filmFacts(file, header)),
    ...file.remarks.map((value): Fact => ({ key: 'remark', label: 'Remark', value })),
  ];
}

function identityFacts(file: DicomFile, header: InstanceHeader): Fact[] {
  const { transferSyntax, transferSyntaxUid } = file;
  return [
    { key: 'studyInstanceUid', label: 'Study Instance UID', value: header.studyInstanceUid },
    { key: 'seriesInstanceUid', label: 'Series Instance UID', value: header.seriesInstanceUid },
    { key: 'sopInstanceUid', label: 'SOP Instance UID', value: header.sopInstanceUid },
    { key: 'sopClassUid', label: 'SOP Class UID', value: header.sopClassUid },
    { key: 'transferSyntax', label: 'Transfer syntax', value: `${transferSyntax.name} (${transferSyntaxUid})` },
    { key: 'modality', label: 'Modality', value: header.modality },
    { key: 'imageType', label: 'Image type', value: header.imageType.join('\\') },
    { key: 'bodyPart', label: 'Body part', value: header.bodyPart },
    {
      key: 'size',
      label: 'Columns x rows x frames',
      value: `${header.columns} x ${header.rows} x ${header.frameCount}`,
    },
    { key: 'pixels', label: 'Pixels', value: pixelFormat(file, header) },
  ];
}

function pixelFormat({ dataset }: DicomFile, { photometricInterpretation }: InstanceHeader): string {
  const signed = dataset.number('PixelRepresentation') === 1 ? 'signed' : 'unsigned';
  const [stored, allocated] = [dataset.number('BitsStored') ?? '?', dataset.number('BitsAllocated') ?? '?'];
  return `${photometricInterpretation || '?'}, ${signed}, ${stored} of ${allocated} bits`;
}

async function decoding(file: DicomFile): Promise<string> {
  if (file.pixelData === null) return 'no pixel data';
  try {
    const { columns, rows, pixels } = await decodeFrame(file, 0);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of pixels) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return `first frame ${columns} x ${rows}, stored values ${low} to ${high}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function sliceFacts({ spacingMm, sliceThicknessMm, positionLpsMm, rescale, kernel }: FrameHeader): Fact[] {
  const hounsfield = rescale && `${rescale.slope} * stored + ${rescale.intercept} ${rescale.type ?? 'HU'}`;
  return [
    { key: 'pixelSpacingMm', label: 'Pixel spacing, mm', value: spacingMm?.join(' x ') ?? null },
    { key: 'sliceThicknessMm', label: 'Slice thickness, mm', value: sliceThicknessMm },
    { key: 'positionLpsMm', label: 'Position (LPS), mm', value: positionLpsMm?.join(', ') ?? null },
    { key: 'rescale', label: 'Rescale', value: hounsfield },
    { key: 'kernel', label: 'Kernel', value: kernel },
  ];
}

async function filmFacts(file: DicomFile, { modality }: InstanceHeader): Promise<Fact[]> {
  if (modality === 'CT' || file.pixelData === null) return [];
  try {
    const read = await readRadiograph(file);
    if (read.kind !== 'radiograph') return [];
    const { view, viewSource, bodyPart, calibration, spacingMm, patientLeftIsOn } = read.radiograph;
    return [
      { key: 'view', label: 'View', value: `${view} (from the ${viewSource === 'tags' ? 'tags' : 'image'})` },
      { key: 'shows', label: 'Shows', value: bodyPart },
      { key: 'calibration', label: 'Calibration', value: calibration },
      { key: 'pixelSpacingMm', label: 'Pixel spacing, mm', value: spacingMm?.join(' x ') ?? null },
      { key: 'patientLeftIsOn', label: 'Patient left is on the', value: patientLeftIsOn },
    ];
  } catch {
    // `decoding` says why.
    return [];
  }
}
