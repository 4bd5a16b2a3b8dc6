import { PixelDecodeError } from '../pixel-error.js';
import type { PixelFormat } from '../pixel-format.js';
import type { DecodedSamples } from './codec.js';
import { checkCodestream, checkTileParts } from './codestream-header.js';
import { viewSamples } from './native.js';

/** The face all Cornerstone codecs share. */
interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number; isSigned?: boolean };
  /** JPEG-LS only: 0 says that the samples come plane by plane. Source: ITU-T T.87 C.2.3. */
  getInterleaveMode?(): number | { value: number };
  delete(): void;
}
type Module = Readonly<Record<string, new () => Decoder>>;
export type ModuleFactory = (options: { print(): void; printErr(): void }) => Promise<Module>;

/** What differs between the codecs. */
interface CodecModule {
  /** For messages. */
  readonly family: string;
  /** Imports the codec's entry point. */
  readonly load: () => Promise<ModuleFactory>;
  /** The class within the module. */
  readonly decoderName: string;
  /** Whether the decoder makes RGB of what the file holds. */
  readonly makesRgb: (format: PixelFormat) => boolean;
}

/** Failures after which a module is loaded anew: what a decoder held when it threw stays in the module's memory. [design] */
const MOST_FAILURES = 64;

/**
 * Follows every codestream: EOI of JPEG and JPEG-LS, EOC of JPEG 2000. CharLS searches the whole of its memory, for half a
 * minute, where a codestream that was cut off has none; after a whole one nobody reads it.
 */
const END_MARKER = [0xff, 0xd9] as const;

/** The codecs print notes on the standard streams; a service's streams are its own. A module keeps its options. */
const silentOptions = () => ({ print() {}, printErr() {} });

/** Wraps one of the WASM codecs. The module is loaded once, the decoder object freed after each frame. */
export function emscriptenDecoder(
  codec: CodecModule,
): (compressed: Uint8Array, format: PixelFormat) => Promise<DecodedSamples> {
  let loading: Promise<Module> | null = null;
  let failures = 0;
  const loadModule = async (): Promise<Module> => (await codec.load())(silentOptions());
  return async (compressed, format) => {
    const header = checkCodestream(compressed, format, `${codec.family} frame`);
    if (header.frameMarker === null) checkTileParts(compressed, `${codec.family} frame`);
    loading ??= loadModule();
    const module = await loading.catch((cause) => {
      loading = null;
      throw cause;
    });
    try {
      return decodeWith(module, codec, compressed, format);
    } catch (cause) {
      if (cause instanceof PixelDecodeError) throw cause;
      failures += 1;
      // An aborted module cannot be used again.
      const isAborted = cause instanceof Error && cause.name === 'RuntimeError';
      if (isAborted || failures % MOST_FAILURES === 0) loading = null;
      throw new PixelDecodeError(`${codec.family} frame`, 'a valid codestream', 'one the decoder refuses', { cause });
    }
  };
}

function decodeWith(module: Module, codec: CodecModule, compressed: Uint8Array, format: PixelFormat): DecodedSamples {
  const decoder = new module[codec.decoderName]!();
  try {
    const encoded = decoder.getEncodedBuffer(compressed.length + END_MARKER.length);
    encoded.set(compressed);
    encoded.set(END_MARKER, compressed.length);
    decoder.decode();
    return { ...copySamples(decoder, format, codec.family), convertedToRgb: codec.makesRgb(format) };
  } finally {
    try {
      decoder.delete();
    } catch {
      // The module is gone with its objects.
    }
  }
}

/** Copies out of the module's memory, which the next call reuses. */
function copySamples(decoder: Decoder, format: PixelFormat, family: string): DecodedSamples {
  const info = decoder.getFrameInfo();
  const bits = info.bitsPerSample <= 8 ? 8 : 16;
  const expected = format.rows * format.columns * format.samplesPerPixel * (bits / 8);
  const decoded = decoder.getDecodedBuffer();
  const isWhole =
    decoded.length >= expected &&
    info.width === format.columns &&
    info.height === format.rows &&
    info.componentCount === format.samplesPerPixel;
  if (!isWhole) {
    const size = `${info.width} x ${info.height} x ${info.componentCount}`;
    throw new PixelDecodeError(`${family} frame`, `${expected} bytes decoded`, `${decoded.length} (${size})`);
  }
  const mode = decoder.getInterleaveMode?.();
  return {
    samples: viewSamples(new Uint8Array(decoded.subarray(0, expected)), bits, info.isSigned ?? format.signed),
    columns: format.columns,
    rows: format.rows,
    samplesPerPixel: format.samplesPerPixel,
    convertedToRgb: false,
    planar: format.samplesPerPixel > 1 && (typeof mode === 'object' ? mode.value : mode) === 0,
  };
}
