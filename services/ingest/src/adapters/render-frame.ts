import type { Dataset } from '@pce/shared/dicom/dataset';
import { fittingRange, type GreyDisplay, oncePerValue, readGreyDisplay } from '@pce/shared/dicom/grey-display';
import type { PixelFrame } from '@pce/shared/dicom/pixel-data';
import { applyVoiLut, type VoiLut } from '@pce/shared/dicom/voi-lut';
import { PNG } from 'pngjs';

/**
 * A frame as a PNG for people: through modality LUT and the image's own VOI LUT or window, else from its darkest to
 * its brightest value; inverted where the image says so.
 *
 * @param dataset of the frame: see `frameDataset`
 */
export function renderFrame(frame: PixelFrame, dataset: Dataset): Buffer {
  const { columns, rows, samplesPerPixel, pixels } = frame;
  const png = new PNG({ width: columns, height: rows, colorType: 2 });
  const toGrey = samplesPerPixel === 1 ? greyScale(frame, dataset) : null;
  for (let at = 0; at < columns * rows; at += 1) {
    const first = pixels[at * samplesPerPixel] as number;
    const red = toGrey ? toGrey(first) : first;
    png.data[at * 4] = red;
    png.data[at * 4 + 1] = toGrey ? red : (pixels[at * samplesPerPixel + 1] as number);
    png.data[at * 4 + 2] = toGrey ? red : (pixels[at * samplesPerPixel + 2] as number);
    png.data[at * 4 + 3] = 255;
  }
  return PNG.sync.write(png, { colorType: 2 });
}

function greyScale(frame: PixelFrame, dataset: Dataset): (stored: number) => number {
  const display = readGreyDisplay(dataset, frame.photometricInterpretation);
  const voi = display.voi ?? wholeRange(frame, dataset, display);
  return oncePerValue((stored) => {
    const shown = applyVoiLut(voi, display.toValue(stored));
    return Math.round((display.isInverted ? 1 - shown : shown) * 255);
  });
}

function wholeRange(frame: PixelFrame, dataset: Dataset, display: GreyDisplay): VoiLut {
  const { low, high } = fittingRange(frame, dataset, display, 0);
  return { kind: 'window', shape: 'LINEAR_EXACT', center: (low + high) / 2, width: Math.max(1, high - low) };
}
