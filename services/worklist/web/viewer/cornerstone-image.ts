import type { Image } from 'cornerstone-core';
import type { Frame } from './frame-store.js';

/** A frame in the form cornerstone draws. @param name unlike that of any other image */
export function cornerstoneImage(name: string, { info, pixels }: Frame): Image {
  const isColour = info.samples === 'rgba';
  const [minPixelValue, maxPixelValue] = isColour ? [0, 255] : extremes(pixels);
  const image = {
    imageId: name,
    minPixelValue,
    maxPixelValue,
    slope: info.slope,
    intercept: info.intercept,
    windowCenter: info.windowCentre,
    windowWidth: info.windowWidth,
    getPixelData: () => pixels,
    rows: info.rows,
    columns: info.columns,
    height: info.rows,
    width: info.columns,
    color: isColour,
    rgba: isColour,
    invert: info.isInverted,
    columnPixelSpacing: info.pixelSpacingMm?.[0],
    rowPixelSpacing: info.pixelSpacingMm?.[1],
    sizeInBytes: pixels.byteLength,
    ...(isColour ? { getCanvas: () => canvasOf(info.columns, info.rows, pixels as Uint8ClampedArray) } : {}),
  };
  return image as unknown as Image;
}

function extremes(pixels: Frame['pixels']): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < pixels.length; at += 1) {
    const value = pixels[at] as number;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

function canvasOf(columns: number, rows: number, rgba: Uint8ClampedArray): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(rgba), columns, rows), 0, 0);
  return canvas;
}
