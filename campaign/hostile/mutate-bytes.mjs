const EXTREMES = [0, 1, 2, 0x7f, 0xff, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff];

/** Damage without knowledge: single bytes, whole fields of extremes in both byte orders, cuts, repeats. */
export function mutateBytes(seed, random, from = 0) {
  let bytes = Buffer.from(seed);
  for (let change = 1 + random.below(6); change > 0; change -= 1) {
    if (bytes.length <= from + 8) break;
    const at = from + random.below(bytes.length - from);
    const kind = random.below(8);
    if (kind === 0 && at + 4 <= bytes.length) bytes.writeUInt32LE(random.pick(EXTREMES), at);
    else if (kind === 1 && at + 4 <= bytes.length) bytes.writeUInt32BE(random.pick(EXTREMES), at);
    else if (kind === 2 && at + 2 <= bytes.length) bytes.writeUInt16BE(random.pick(EXTREMES) & 0xffff, at);
    else if (kind === 3) bytes[at] ^= 1 << random.below(8);
    else if (kind === 4 && random.oneIn(3)) bytes = bytes.subarray(0, at);
    else if (kind === 5 && random.oneIn(3)) bytes = repeat(bytes, at, 1 + random.below(64));
    else if (kind === 6 && random.oneIn(3)) bytes = remove(bytes, at, 1 + random.below(64));
    else bytes[at] = random.below(256);
  }
  return bytes;
}

const repeat = (bytes, at, length) =>
  Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at, at + length), bytes.subarray(at + length)]);
const remove = (bytes, at, length) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
