/** Longest decimal string, in characters. Source: PS3.5 section 6.2, VR DS. */
const DS_MAX_LENGTH = 16;

/** VRs whose explicit form has two reserved bytes and a 32-bit length. Source: PS3.5 section 7.1.2. */
export const LONG_LENGTH_VRS: ReadonlySet<string> = new Set([
  'OB',
  'OD',
  'OF',
  'OL',
  'OV',
  'OW',
  'SQ',
  'SV',
  'UC',
  'UN',
  'UR',
  'UT',
  'UV',
]);

type WriteNumber = (view: DataView, offset: number, value: number, littleEndian: boolean) => void;

/** Size in bytes and writer of one value of each binary number VR. */
const NUMBER_VRS: Readonly<Record<string, readonly [number, WriteNumber]>> = {
  US: [2, (view, offset, value, little) => view.setUint16(offset, value, little)],
  SS: [2, (view, offset, value, little) => view.setInt16(offset, value, little)],
  OW: [2, (view, offset, value, little) => view.setUint16(offset, value, little)],
  UL: [4, (view, offset, value, little) => view.setUint32(offset, value, little)],
  SL: [4, (view, offset, value, little) => view.setInt32(offset, value, little)],
  OL: [4, (view, offset, value, little) => view.setUint32(offset, value, little)],
  UV: [8, (view, offset, value, little) => view.setBigUint64(offset, BigInt(value), little)],
  SV: [8, (view, offset, value, little) => view.setBigInt64(offset, BigInt(value), little)],
  FL: [4, (view, offset, value, little) => view.setFloat32(offset, value, little)],
  OF: [4, (view, offset, value, little) => view.setFloat32(offset, value, little)],
  FD: [8, (view, offset, value, little) => view.setFloat64(offset, value, little)],
  OD: [8, (view, offset, value, little) => view.setFloat64(offset, value, little)],
  AT: [4, writeTag],
};

/** A tag is two 16-bit numbers, group first, in either byte order. Source: PS3.5 section 6.2, VR AT. */
function writeTag(view: DataView, offset: number, tag: number, littleEndian: boolean): void {
  view.setUint16(offset, tag >>> 16, littleEndian);
  view.setUint16(offset + 2, tag & 0xffff, littleEndian);
}

/**
 * A number as a decimal string of at most 16 characters, as exact as they allow.
 *
 * @throws RangeError when the number is not finite
 * Source: PS3.5 section 6.2, VR DS
 */
export function formatDecimalString(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`DS: expected a finite number; received ${value}`);
  const plain = String(value);
  if (plain.length <= DS_MAX_LENGTH) return plain;
  for (let digits = DS_MAX_LENGTH; digits > 0; digits--) {
    const exponential = value.toExponential(digits - 1);
    const fitting = [String(Number(exponential)), exponential].find(
      (text) => text.length <= DS_MAX_LENGTH && Number.isFinite(Number(text)),
    );
    if (fitting !== undefined) return fitting;
  }
  throw new RangeError(`DS: expected a number of ${DS_MAX_LENGTH} characters; received ${value}`);
}

function encodeNumbers(vr: string, values: readonly unknown[], littleEndian: boolean): Uint8Array {
  const [size, write] = NUMBER_VRS[vr]!;
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    if (typeof value !== 'number') throw new TypeError(`${vr}: expected a number; received ${typeof value}`);
    write(view, index * size, value, littleEndian);
  });
  return bytes;
}

function encodeText(vr: string, values: readonly unknown[], utf8: boolean): Uint8Array {
  const text = values
    .map((value) => (vr === 'DS' && typeof value === 'number' ? formatDecimalString(value) : String(value)))
    .join('\\');
  const bytes = Buffer.from(text, utf8 ? 'utf8' : 'latin1');
  if (bytes.length % 2 === 0) return bytes;
  return Buffer.concat([bytes, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
}

/**
 * The value field of one element, padded to even length.
 *
 * @param value a single value or an array of them; a byte array is taken as it is (then padded)
 * @param utf8 whether text is encoded as UTF-8; otherwise as Latin-1
 */
export function encodeValue(vr: string, value: unknown, littleEndian: boolean, utf8: boolean): Uint8Array {
  if (value instanceof Uint8Array) {
    return value.length % 2 === 0 ? value : Buffer.concat([value, new Uint8Array(1)]);
  }
  if (value === undefined || value === null || value === '') return new Uint8Array(0);
  const values = Array.isArray(value) ? value : [value];
  return vr in NUMBER_VRS ? encodeNumbers(vr, values, littleEndian) : encodeText(vr, values, utf8);
}
