import { PNG } from 'pngjs';

/** A picture for people: red, green and blue of each pixel, row by row. */
export interface RgbPicture {
  readonly columns: number;
  readonly rows: number;
  readonly rgb: Uint8Array;
}

/** Shrinks a picture so that its longer side has at most `maxSide` pixels; a smaller one is given back as it is. */
export function shrinkPicture(picture: RgbPicture, maxSide: number): RgbPicture {
  const scale = Math.max(picture.columns, picture.rows) / maxSide;
  if (scale <= 1) return picture;
  const columns = Math.max(1, Math.round(picture.columns / scale));
  const rows = Math.max(1, Math.round(picture.rows / scale));
  const rgb = new Uint8Array(columns * rows * 3);
  // Each new pixel is the mean of the whole old pixels its square touches.
  for (let row = 0; row < rows; row++) {
    const top = Math.floor((row * picture.rows) / rows);
    const bottom = Math.max(top + 1, Math.ceil(((row + 1) * picture.rows) / rows));
    for (let column = 0; column < columns; column++) {
      const left = Math.floor((column * picture.columns) / columns);
      const right = Math.max(left + 1, Math.ceil(((column + 1) * picture.columns) / columns));
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) sum += picture.rgb[(y * picture.columns + x) * 3 + channel] as number;
        }
        rgb[(row * columns + column) * 3 + channel] = Math.round(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return { columns, rows, rgb };
}

/** The same for a PNG file with its description. */
export function shrinkPng<P extends { readonly columns: number; readonly rows: number; readonly png: Uint8Array }>(
  picture: P,
  maxSide: number,
): P {
  if (Math.max(picture.columns, picture.rows) <= maxSide) return picture;
  const { width, height, data } = PNG.sync.read(Buffer.from(picture.png));
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) rgb[pixel * 3 + channel] = data[pixel * 4 + channel]!;
  }
  const small = shrinkPicture({ columns: width, rows: height, rgb }, maxSide);
  return { ...picture, columns: small.columns, rows: small.rows, png: encodePng(small) };
}

/** The picture as a PNG file, in shades of grey when it has no colour. */
export function encodePng(picture: RgbPicture): Uint8Array {
  const png = new PNG({ width: picture.columns, height: picture.rows });
  png.data = Buffer.from(picture.rgb.buffer, picture.rgb.byteOffset, picture.rgb.byteLength);
  const hasColour = picture.rgb.some((value, index) => index % 3 !== 0 && value !== picture.rgb[index - (index % 3)]);
  return PNG.sync.write(png, { inputColorType: 2, inputHasAlpha: false, colorType: hasColour ? 2 : 0, bitDepth: 8 });
}
