import type { PixelDataElement } from './part10.js';
import { PixelDecodeError } from './pixel-error.js';

const ITEM = 0xfffee000;
const SEQUENCE_DELIMITER = 0xfffee0dd;
const ITEM_HEADER_BYTES = 8;
/** A fragment takes some 150 bytes of memory for as few as 8 in the file. [design] */
const MAX_FRAGMENTS = 1_000_000;
/** First bytes of a JPEG family codestream: SOI, JPEG 2000 SOC + SIZ. RLE has none and one fragment a frame. */
const startsCodestream = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xff && (bytes[1] === 0xd8 || (bytes[1] === 0x4f && bytes[2] === 0xff));

interface Fragment {
  /** Offset of the item tag from the first fragment's item tag, as the offset tables count. */
  readonly itemOffset: number;
  readonly data: Uint8Array;
}

/**
 * The compressed bytes of one frame out of encapsulated Pixel Data, its fragments joined.
 *
 * Fragments are assigned to frames by the extended or basic offset table when one agrees with the fragments, else one
 * fragment a frame, else at the start of each codestream.
 *
 * @param extendedOffsets values of Extended Offset Table (7FE0,0001), empty without one
 * @throws PixelDecodeError when the frame cannot be found
 * Source: PS3.5 annex A.4.
 */
export function encapsulatedFrame(
  element: PixelDataElement,
  frameIndex: number,
  frames: number,
  extendedOffsets: readonly number[],
): Uint8Array {
  const { basicOffsets, fragments } = fragmentsOf(element);
  if (fragments.length === 0) throw new PixelDecodeError('encapsulated pixel data', 'at least one fragment', 'none');
  if (frames === 1) return join(fragments);
  const starts =
    frameStarts(extendedOffsets, fragments, frames) ??
    frameStarts(basicOffsets, fragments, frames) ??
    (fragments.length === frames ? fragments.map((_, index) => index) : codestreamStarts(fragments, frames));
  const start = starts[frameIndex]!;
  return join(fragments.slice(start, starts[frameIndex + 1] ?? fragments.length));
}

interface FragmentList {
  readonly basicOffsets: readonly number[];
  readonly fragments: readonly Fragment[];
}

/** Lists kept while their file is, so that reading all frames of an image does not walk its fragments once a frame. */
const knownLists = new WeakMap<PixelDataElement, FragmentList>();

function fragmentsOf(element: PixelDataElement): FragmentList {
  const list = knownLists.get(element) ?? readFragments(element);
  knownLists.set(element, list);
  return list;
}

function readFragments(element: PixelDataElement): FragmentList {
  const { bytes } = element;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(element.offset + element.byteLength, bytes.length);
  let at = element.offset;
  let basicOffsets: number[] | null = null;
  let firstItem = 0;
  const fragments: Fragment[] = [];
  while (at + ITEM_HEADER_BYTES <= end) {
    const tag = ((view.getUint16(at, true) << 16) | view.getUint16(at + 2, true)) >>> 0;
    const length = view.getUint32(at + 4, true);
    if (tag === SEQUENCE_DELIMITER) break;
    if (tag !== ITEM) throw new PixelDecodeError('encapsulated pixel data', 'an item tag (fffe,e000)', 'another tag');
    const start = at + ITEM_HEADER_BYTES;
    if (start + length > end) {
      throw new PixelDecodeError('encapsulated pixel data', `a fragment of ${length} bytes`, `${end - start} bytes`);
    }
    if (basicOffsets === null) {
      basicOffsets = readOffsets(view, start, length);
      firstItem = start + length;
    } else if (fragments.length === MAX_FRAGMENTS) {
      throw new PixelDecodeError('encapsulated pixel data', `at most ${MAX_FRAGMENTS} fragments`, 'more');
    } else {
      fragments.push({ itemOffset: at - firstItem, data: bytes.subarray(start, start + length) });
    }
    at = start + length;
  }
  return { basicOffsets: basicOffsets ?? [], fragments };
}

function readOffsets(view: DataView, at: number, length: number): number[] {
  return Array.from({ length: Math.floor(length / 4) }, (_, index) => view.getUint32(at + 4 * index, true));
}

/** Index of each frame's first fragment, or null when the table does not fit the fragments. */
function frameStarts(offsets: readonly number[], fragments: readonly Fragment[], frames: number): number[] | null {
  if (offsets.length !== frames) return null;
  const byOffset = new Map(fragments.map((fragment, index) => [fragment.itemOffset, index]));
  const starts = offsets.map((offset) => byOffset.get(offset) ?? -1);
  const rising = starts.every((start, index) => start >= 0 && (index === 0 || start > starts[index - 1]!));
  return rising && starts[0] === 0 ? starts : null;
}

function codestreamStarts(fragments: readonly Fragment[], frames: number): number[] {
  const starts = fragments.flatMap((fragment, index) => (startsCodestream(fragment.data) ? [index] : []));
  if (starts.length === frames && starts[0] === 0) return starts;
  throw new PixelDecodeError(
    'encapsulated pixel data',
    `fragments of ${frames} frames`,
    `${fragments.length} fragments that cannot be told apart by frame`,
  );
}

function join(fragments: readonly Fragment[]): Uint8Array {
  if (fragments.length === 1) return fragments[0]!.data;
  const whole = new Uint8Array(fragments.reduce((sum, fragment) => sum + fragment.data.length, 0));
  let at = 0;
  for (const { data } of fragments) {
    whole.set(data, at);
    at += data.length;
  }
  return whole;
}
