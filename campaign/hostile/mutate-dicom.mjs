import { mutateBytes } from './mutate-bytes.mjs';

const LENGTHS = [0, 1, 3, 0x7f, 0xfffe, 0xffff, 0x10000, 0x7fffffff, 0xfffffff0, 0xfffffffe, 0xffffffff];
const VRS = ['SQ', 'UN', 'OB', 'OW', 'UT', 'US', 'DS', 'IS', 'UI', 'PN', 'AT', 'FD', 'FL', 'SS', 'UC', 'ZZ', '\0\0'];
const TAGS = [0xfffee000, 0xfffee00d, 0xfffee0dd, 0x7fe00010, 0x00080005, 0x00020010, 0x52009230, 0, 0xffffffff];
const UIDS = [
  '../../../../etc/passwd',
  '1.2/../../3',
  '1.2\\3.4',
  '..',
  '.',
  '1.2.3\0../x',
  `1.${'2'.repeat(70)}`,
  '1..2',
  'con',
  '1.2.840.10008.1.2.4.999',
  '',
];
const NUMBERS = [
  'NaN',
  'nan',
  'Infinity',
  '-Infinity',
  '1e400',
  '-1e400',
  '1e-400',
  '0',
  '-0',
  '0\\0',
  'NaN\\NaN',
  '1e308\\1e308',
  '-1',
  '1\\2\\3\\4\\5\\6\\7',
  '\\\\\\\\\\\\',
  '4294967296',
  '99999999999999999999999999',
  '0x10',
  '1,5',
  '',
];
const TEXTS = [
  '\x1b$B\x1b(J',
  '\x1b$)C\xff\xff',
  '\xff\xfe\xfd',
  '=='.repeat(50),
  '^'.repeat(500),
  '\\'.repeat(3000),
  '\0',
];
const CHARACTER_SETS = ['ISO 2022 IR 87', 'ISO_IR 192', 'GB18030', 'ISO 2022 IR 149\\ISO 2022 IR 58', 'NONE', '\\\\'];
/** Numbers in which an image's size and form are written: wrong ones ask for memory. */
const FORM_TAGS = new Set(
  [
    '00280002',
    '00280004',
    '00280006',
    '00280008',
    '00280010',
    '00280011',
    '00280100',
    '00280101',
    '00280102',
    '00280103',
  ].map((tag) => `x${tag}`),
);
const WORDS = [0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 255, 256, 4096, 32767, 32768, 65535];
const DEEPEST = 300;

/**
 * A valid file with one to four of its elements changed: length, VR, tag, value, form; elements dropped, doubled, nested;
 * codestreams damaged. Follows from `random` alone.
 *
 * @param seed of `indexDicom`
 * @param aim how often, of ten, the pixels are aimed at instead of the header
 */
export function mutateDicom(seed, random, aim = 1) {
  if (seed.sites.length === 0) return mutateBytes(seed.bytes, random, 132);
  if (seed.pixelsAt !== null && random.below(10) < aim) return mutateBytes(seed.bytes, random, seed.pixelsAt);
  const edits = [];
  for (let change = 1 + random.below(4); change > 0; change -= 1) {
    const site = pickSite(seed, random);
    if (!edits.some(({ at, end }) => at < site.end && site.at < end)) edits.push(editOf(seed, site, random));
  }
  edits.sort((a, b) => b.at - a.at);
  let bytes = seed.bytes;
  for (const { at, end, put } of edits) bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(end)]);
  return random.oneIn(12) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
}

function pickSite(seed, random) {
  const form = random.oneIn(4) ? seed.sites.filter(({ tag }) => FORM_TAGS.has(tag)) : [];
  return random.pick(form.length > 0 ? form : seed.sites);
}

function editOf(seed, site, random) {
  const { at, lengthAt, lengthBytes, valueAt, end } = site;
  const isLittle = seed.littleEndian || site.isMeta;
  switch (random.below(9)) {
    case 0:
      return { at: lengthAt, end: lengthAt + lengthBytes, put: number(random.pick(LENGTHS), lengthBytes, isLittle) };
    case 1:
      if (!site.isExplicit) return { at: lengthAt, end: lengthAt + 4, put: number(end - valueAt + 1, 4, isLittle) };
      return { at: at + 4, end: at + 6, put: Buffer.from(random.pick(VRS), 'latin1') };
    case 2:
      return { at, end: at + 4, put: tagBytes(random.oneIn(2) ? random.pick(TAGS) : random.below(2 ** 32), isLittle) };
    case 3:
      return {
        at,
        end,
        put: random.oneIn(2)
          ? Buffer.alloc(0)
          : Buffer.concat([seed.bytes.subarray(at, end), seed.bytes.subarray(at, end)]),
      };
    case 4:
      return { at, end: at, put: nest(site, random, isLittle) };
    default:
      return { at, end, put: withValue(seed, site, hostileValue(site, random, isLittle), isLittle) };
  }
}

function hostileValue({ tag, vr }, random, isLittle) {
  if (tag === 'x00080005') return Buffer.from(random.pick(CHARACTER_SETS), 'latin1');
  if (vr === 'UI') return Buffer.from(random.pick(UIDS), 'latin1');
  if (vr === 'DS' || vr === 'IS') return Buffer.from(random.pick(NUMBERS), 'latin1');
  if (vr === 'US' || vr === 'SS') return number(random.pick(WORDS), random.oneIn(8) ? 1 : 2, isLittle);
  if (vr === 'FD' || vr === 'FL')
    return Buffer.from('000000000000f07f000000000000f87f', 'hex').subarray(0, random.pick([4, 8, 16]));
  if (random.oneIn(3)) return random.bytes(random.below(40));
  return Buffer.from(random.pick([...TEXTS, ...UIDS, ...NUMBERS]), 'latin1');
}

/** The element with another value and the length that goes with it. */
function withValue(seed, { at, lengthAt, lengthBytes }, value, isLittle) {
  const even = value.length % 2 === 0 ? value : Buffer.concat([value, Buffer.of(0x20)]);
  return Buffer.concat([seed.bytes.subarray(at, lengthAt), number(even.length, lengthBytes, isLittle), even]);
}

/** Sequences within sequences, closed or left open. */
function nest({ tag, isExplicit }, random, isLittle) {
  const depth = 1 + random.below(random.oneIn(4) ? DEEPEST : 5);
  const header = [
    tagBytes(Number.parseInt(tag.slice(1), 16), isLittle),
    ...(isExplicit ? [Buffer.from('SQ\0\0')] : []),
  ];
  const open = Buffer.concat([
    ...header,
    number(0xffffffff, 4, isLittle),
    tagBytes(0xfffee000, isLittle),
    number(random.pick([0xffffffff, 8, 0]), 4, isLittle),
  ]);
  const zero = number(0, 4, isLittle);
  const close = Buffer.concat([tagBytes(0xfffee00d, isLittle), zero, tagBytes(0xfffee0dd, isLittle), zero]);
  const closings = random.oneIn(3) ? random.below(depth) : depth;
  return Buffer.concat([...Array(depth).fill(open), ...Array(closings).fill(close)]);
}

function number(value, byteLength, isLittle) {
  const bytes = Buffer.alloc(byteLength);
  const fitting = value % 2 ** (8 * byteLength);
  if (isLittle) bytes.writeUIntLE(fitting, 0, byteLength);
  else bytes.writeUIntBE(fitting, 0, byteLength);
  return bytes;
}

function tagBytes(tag, isLittle) {
  return Buffer.concat([number(tag >>> 16, 2, isLittle), number(tag & 0xffff, 2, isLittle)]);
}
