import type { Dataset } from '@pce/shared/dicom/dataset';
import type { Keyword } from '@pce/shared/dicom/tag';
import type { Attributes, AttributeValue } from './dicom-writer.js';
import { conforming, freeLine } from './sanitize-value.js';

/** Shows cement in contrast-filled arteries, which a soft-tissue window hides. HU; centre and width [design]: clinical.md. */
const CEMENT_WINDOW = { WindowCenter: '450', WindowWidth: '1800', WindowCenterWidthExplanation: 'Cement' } as const;

/** How one image is to be shown: what a presentation state must repeat, because it replaces the image's own. */
export interface ImageDisplay {
  readonly columns: number;
  readonly rows: number;
  /** Presentation Pixel Spacing or Aspect Ratio. */
  readonly pixelShape: Attributes;
  /** Modality LUT module; empty where values are shown as stored. */
  readonly modalityLut: Attributes;
  /** One item of Softcopy VOI LUT Sequence without its references; null where all values are shown. */
  readonly voiLut: Attributes | null;
  readonly presentationLutShape: 'IDENTITY' | 'INVERSE';
}

/** Data sets that may hold an attribute of a frame: the image itself, then the groups of all frames and of this one. */
function places(header: Dataset, frameNumber: number, macro: Keyword): Dataset[] {
  const frame = header.items('PerFrameFunctionalGroupsSequence')[frameNumber - 1];
  const groups = [...header.items('SharedFunctionalGroupsSequence'), ...(frame ? [frame] : [])];
  return [header, ...groups.flatMap((group) => group.items(macro))];
}

/** A number as the text it stands as, or undefined. */
function decimal(sources: readonly Dataset[], keyword: Keyword): string | undefined {
  const found = sources.map((source) => source.string(keyword)).find((text) => text !== undefined);
  return found === undefined ? undefined : (conforming('DS')(found).value ?? undefined);
}

/** A table of Modality or VOI LUT Sequence. Source: PS3.3 C.11.1, C.11.2. */
function table(item: Dataset): Attributes | null {
  const descriptor = item.numbers('LUTDescriptor');
  const data = item.bytes('LUTData');
  if (descriptor.length !== 3 || !data || data.length === 0 || data.length % 2 === 1) return null;
  const explanation = item.string('LUTExplanation');
  const type = item.string('ModalityLUTType');
  return {
    LUTDescriptor: descriptor,
    LUTExplanation: explanation === undefined ? undefined : freeLine(64)(explanation).value,
    ModalityLUTType: type === undefined ? undefined : freeLine(64)(type).value,
    LUTData: data,
  };
}

function modalityLut(header: Dataset, frameNumber: number): Attributes {
  const [item] = header.items('ModalityLUTSequence');
  const lut = item ? table(item) : null;
  if (lut) return { ModalityLUTSequence: [lut] };
  const sources = places(header, frameNumber, 'PixelValueTransformationSequence');
  const [slope, intercept] = [decimal(sources, 'RescaleSlope'), decimal(sources, 'RescaleIntercept')];
  if (slope === undefined || intercept === undefined || Number(slope) === 0) return {};
  const type = sources.map((source) => source.string('RescaleType')).find((text) => text !== undefined);
  return { RescaleIntercept: intercept, RescaleSlope: slope, RescaleType: freeLine(64)(type ?? 'US').value };
}

function voiLut(header: Dataset, frameNumber: number): Attributes | null {
  if (header.string('Modality') === 'CT') return CEMENT_WINDOW;
  const [item] = header.items('VOILUTSequence');
  const lut = item ? table(item) : null;
  if (lut) return { VOILUTSequence: [lut] };
  const sources = places(header, frameNumber, 'FrameVOILUTSequence');
  const [centre, width] = [decimal(sources, 'WindowCenter'), decimal(sources, 'WindowWidth')];
  if (centre === undefined || width === undefined || Number(width) < 1) return null;
  return { WindowCenter: centre, WindowWidth: width };
}

/** Spacing where the image states one, else the aspect ratio, else square. Source: PS3.3 C.10.4. */
function pixelShape(header: Dataset, frameNumber: number): Attributes {
  const sources = places(header, frameNumber, 'PixelMeasuresSequence');
  for (const keyword of ['PixelSpacing', 'ImagerPixelSpacing'] as const) {
    const values = sources.map((source) => source.strings(keyword)).find((texts) => texts.length === 2) ?? [];
    const fit = values.map((text) => conforming('DS')(text).value);
    if (fit.length === 2 && fit.every((text) => Number(text) > 0)) {
      return { PresentationPixelSpacing: fit as readonly string[] as AttributeValue };
    }
  }
  const ratio = header.numbers('PixelAspectRatio').map(Math.round);
  const known = ratio.length === 2 && ratio.every((part) => part > 0);
  return { PresentationPixelAspectRatio: (known ? ratio : [1, 1]).map(String) };
}

/**
 * How an image is shown, from its header.
 *
 * @param header the image
 * @param frameNumber the frame, from 1
 * @returns null for colour images and headers without a size: a greyscale state cannot show those
 * Source: PS3.3 C.11.1, C.11.2, C.11.6, C.10.4; PS3.4 section N.2
 */
export function imageDisplay(header: Dataset, frameNumber: number): ImageDisplay | null {
  const [columns, rows] = [header.number('Columns'), header.number('Rows')];
  const photometric = header.string('PhotometricInterpretation') ?? '';
  if (!columns || !rows || !photometric.startsWith('MONOCHROME')) return null;
  const isInverse = photometric === 'MONOCHROME1' || header.string('PresentationLUTShape') === 'INVERSE';
  return {
    columns,
    rows,
    pixelShape: pixelShape(header, frameNumber),
    modalityLut: modalityLut(header, frameNumber),
    voiLut: voiLut(header, frameNumber),
    presentationLutShape: isInverse ? 'INVERSE' : 'IDENTITY',
  };
}
