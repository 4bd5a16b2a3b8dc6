import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip archive for tests, with every way of being wrong a test needs. */
export interface FixtureEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** 0 stored, 8 deflated, anything else a lie. @default 8 */
  readonly method?: number;
  readonly flags?: number;
  /** Unix mode, for links. */
  readonly unixMode?: number;
  /** What the archive says instead of the truth. */
  readonly declaredBytes?: number;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = 0x06054b50;
const MADE_BY_UNIX = 0x0314;

/** A zip archive of the entries. Source: APPNOTE.TXT 4.3. */
export function buildZip(entries: readonly FixtureEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, central } = encodeEntry(entry, offset);
    locals.push(local);
    centrals.push(central);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END_RECORD, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

function encodeEntry(entry: FixtureEntry, offset: number): { local: Buffer; central: Buffer } {
  const { name, bytes, method = 8, flags = 0x800, unixMode = 0o100644 } = entry;
  const data = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes);
  const nameBytes = Buffer.from(name, 'utf8');
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(flags, 2);
  fields.writeUInt16LE(method, 4);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(entry.declaredBytes ?? bytes.length, 18);
  fields.writeUInt16LE(nameBytes.length, 22);
  const local = Buffer.alloc(4);
  local.writeUInt32LE(LOCAL_HEADER, 0);
  const central = Buffer.alloc(6);
  central.writeUInt32LE(CENTRAL_HEADER, 0);
  central.writeUInt16LE(MADE_BY_UNIX, 4);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE((unixMode << 16) >>> 0, 6);
  tail.writeUInt32LE(offset, 10);
  return {
    local: Buffer.concat([local, fields, nameBytes, data]),
    central: Buffer.concat([central, fields, tail, nameBytes]),
  };
}
