import type { NotAnalysable } from '@pce/shared/contracts/exam-outcome';
import type { PixelFrame } from '@pce/shared/dicom/pixel-data';
import { FILM } from '../parameters.js';
import { notAnalysable } from './reason.js';

/**
 * A film as one grey sample per pixel. Films exported in colour are taken when they are grey all over; a coloured
 * mark or a colour picture is not a film.
 */
export function greyFrame(frame: PixelFrame): PixelFrame | NotAnalysable {
  const { samplesPerPixel, photometricInterpretation } = frame;
  if (samplesPerPixel === 1) {
    if (/^MONOCHROME[12]$/.test(photometricInterpretation)) return frame;
    return refuse(photometricInterpretation.slice(0, 16));
  }
  if (samplesPerPixel !== 3) return refuse(`${samplesPerPixel} samples per pixel`);
  const tolerance = FILM.greyChannelTolerance * 2 ** (frame.bitsStored - 8);
  const isYbr = photometricInterpretation.startsWith('YBR');
  const neutral = 2 ** (frame.bitsStored - 1);
  const { pixels } = frame;
  const grey = new Uint16Array(frame.columns * frame.rows);
  let coloured = 0;
  for (let at = 0; at < grey.length; at++) {
    const [a, b, c] = [pixels[3 * at]!, pixels[3 * at + 1]!, pixels[3 * at + 2]!];
    const apart = isYbr
      ? Math.max(Math.abs(b - neutral), Math.abs(c - neutral))
      : Math.max(a, b, c) - Math.min(a, b, c);
    if (apart > tolerance) coloured += 1;
    grey[at] = isYbr ? a : b;
  }
  if (coloured > FILM.maxColouredFraction * grey.length) {
    return refuse(`colour in ${((100 * coloured) / grey.length).toFixed(1)} % of the pixels`);
  }
  return { ...frame, samplesPerPixel: 1, pixels: grey, photometricInterpretation: 'MONOCHROME2' };
}

function refuse(received: string): NotAnalysable {
  return notAnalysable('colour', 'Radiograph', 'shades of grey', received);
}
