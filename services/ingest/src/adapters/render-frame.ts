import type { Dataset } from '@pce/shared/dicom/dataset';
import type { PixelFrame } from '@pce/shared/dicom/pixel-data';
import { PNG } from 'pngjs';

/** A frame as a PNG for people: by the image's own window, else from its darkest to its brightest value. */
export function renderFrame(frame: PixelFrame, dataset: Dataset): Buffer {
  const { columns, rows, samplesPerPixel, pixels } = frame;
  const png = new PNG({ width: columns, height: rows, colorType: 2 });
  const toGrey = samplesPerPixel === 1 ? greyScale(frame, dataset) : (value: number) => value;
  for (let at = 0; at < columns * rows; at += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const value = pixels[at * samplesPerPixel + (samplesPerPixel === 1 ? 0 : channel)] as number;
      png.data[at * 4 + channel] = toGrey(value);
    }
    png.data[at * 4 + 3] = 255;
  }
  return PNG.sync.write(png, { colorType: 2 });
}

/** Source: PS3.3 C.11.2.1.2.1, linear. */
function greyScale(frame: PixelFrame, dataset: Dataset): (stored: number) => number {
  const slope = dataset.number('RescaleSlope') ?? 1;
  const intercept = dataset.number('RescaleIntercept') ?? 0;
  const { center, width } = windowOf(frame, dataset, slope, intercept);
  const isInverted = frame.photometricInterpretation === 'MONOCHROME1';
  return (stored) => {
    const fraction = (stored * slope + intercept - (center - 0.5)) / Math.max(1, width - 1) + 0.5;
    const grey = Math.round(Math.min(1, Math.max(0, fraction)) * 255);
    return isInverted ? 255 - grey : grey;
  };
}

function windowOf(frame: PixelFrame, dataset: Dataset, slope: number, intercept: number) {
  const center = dataset.number('WindowCenter');
  const width = dataset.number('WindowWidth');
  if (center !== undefined && width !== undefined) return { center, width };
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of frame.pixels) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const [low, high] = [least * slope + intercept, most * slope + intercept];
  return { center: (low + high) / 2, width: Math.abs(high - low) + 1 };
}
