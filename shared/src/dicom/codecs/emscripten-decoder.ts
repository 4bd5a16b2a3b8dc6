import { PixelDecodeError } from '../pixel-error.js';
import type { PixelFormat } from '../pixel-format.js';
import type { DecodedSamples } from './codec.js';
import { checkCodestream } from './codestream-header.js';
import { viewSamples } from './native.js';

/** The face all Cornerstone codecs share. */
interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number; isSigned?: boolean };
  delete(): void;
}
type Module = Readonly<Record<string, new () => Decoder>>;
export type ModuleFactory = (options: { print(): void; printErr(): void }) => Promise<Module>;

/** The codecs print notes on the standard streams; a service's streams are its own. A module keeps its options. */
const silentOptions = () => ({ print() {}, printErr() {} });

/**
 * Wraps one of the WASM codecs. The module is loaded once, the decoder object freed after each frame.
 *
 * @param load imports the codec's entry point
 * @param decoderName the class within the module
 */
export function emscriptenDecoder(
  family: string,
  load: () => Promise<ModuleFactory>,
  decoderName: string,
): (compressed: Uint8Array, format: PixelFormat) => Promise<DecodedSamples> {
  let loading: Promise<Module> | null = null;
  const loadModule = async (): Promise<Module> => (await load())(silentOptions());
  return async (compressed, format) => {
    checkCodestream(compressed, format, `${family} frame`);
    loading ??= loadModule();
    const module = await loading;
    const DecoderClass = module[decoderName]!;
    const decoder = new DecoderClass();
    try {
      decoder.getEncodedBuffer(compressed.length).set(compressed);
      decoder.decode();
      return copySamples(decoder, format, family);
    } catch (cause) {
      if (cause instanceof PixelDecodeError) throw cause;
      // An aborted module cannot be used again.
      if (cause instanceof Error && cause.name === 'RuntimeError') loading = null;
      throw new PixelDecodeError(`${family} frame`, 'a valid codestream', 'one the decoder refuses', { cause });
    } finally {
      try {
        decoder.delete();
      } catch {
        // The module is gone with its objects.
      }
    }
  };
}

/** Copies out of the module's memory, which the next call reuses. */
function copySamples(decoder: Decoder, format: PixelFormat, family: string): DecodedSamples {
  const info = decoder.getFrameInfo();
  const bits = info.bitsPerSample <= 8 ? 8 : 16;
  const expected = format.rows * format.columns * format.samplesPerPixel * (bits / 8);
  const decoded = decoder.getDecodedBuffer();
  if (decoded.length < expected) {
    throw new PixelDecodeError(`${family} frame`, `${expected} bytes decoded`, `${decoded.length}`);
  }
  return {
    samples: viewSamples(new Uint8Array(decoded.subarray(0, expected)), bits, info.isSigned ?? format.signed),
    columns: info.width,
    rows: info.height,
    samplesPerPixel: info.componentCount,
    convertedToRgb: false,
    planar: false,
  };
}
