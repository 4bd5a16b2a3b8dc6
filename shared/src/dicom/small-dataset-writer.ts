import { ATTRIBUTES, type Keyword } from './tag.js';

/** Values by keyword: text (several values joined by a backslash), a number for US, items for SQ. */
export type SmallDataset = { readonly [K in Keyword]?: string | number | readonly SmallDataset[] };

/** VRs whose explicit length has 32 bits. Source: PS3.5 section 7.1.2. */
const LONG_VRS = new Set(['SQ', 'OB', 'OW', 'UN', 'UT', 'UC', 'UR']);
/** Item tag (FFFE,E000) in little endian. */
const ITEM_TAG = Buffer.from([0xfe, 0xff, 0x00, 0xe0]);

/**
 * Writes a small data set in Little Endian: the identifiers of queries and the lists of storage commitment. Elements
 * come out in tag order. Text is written as UTF-8: give SpecificCharacterSet where it is not ASCII.
 */
export function writeSmallDataset(dataset: SmallDataset, isExplicit: boolean): Buffer {
  const elements = Object.entries(dataset).map(([keyword, value]) => {
    const [name, vr] = ATTRIBUTES[keyword as Keyword];
    return { tag: Number.parseInt(name.slice(1), 16), vr: vr as string, value };
  });
  elements.sort((left, right) => left.tag - right.tag);
  return Buffer.concat(
    elements.map(({ tag, vr, value }) => {
      const bytes = typeof value === 'object' ? writeItems(value, isExplicit) : writeValue(value, vr);
      return Buffer.concat([elementHeader(tag, vr, bytes.length, isExplicit), bytes]);
    }),
  );
}

function elementHeader(tag: number, vr: string, length: number, isExplicit: boolean): Buffer {
  const isLong = !isExplicit || LONG_VRS.has(vr);
  const header = Buffer.alloc(isExplicit && isLong ? 12 : 8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  if (isExplicit) header.write(vr, 4, 'latin1');
  if (isLong) header.writeUInt32LE(length, header.length - 4);
  else header.writeUInt16LE(length, 6);
  return header;
}

function writeItems(items: readonly SmallDataset[], isExplicit: boolean): Buffer {
  return Buffer.concat(
    items.flatMap((item) => {
      const bytes = writeSmallDataset(item, isExplicit);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length, 0);
      return [ITEM_TAG, length, bytes];
    }),
  );
}

function writeValue(value: string | number, vr: string): Buffer {
  if (vr === 'US' && typeof value === 'number') {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value, 0);
    return bytes;
  }
  const bytes = Buffer.from(String(value), 'utf8');
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
}
