import { createHash } from 'node:crypto';

/** Root of UIDs derived from a UUID. Source: PS3.5 annex B.2. */
const UUID_ROOT = '2.25.';

/**
 * A valid UID that is always the same for the same text: 128 bits of SHA-256, marked as a UUID of version 8.
 *
 * @param text what the UID stands for, such as `phantom-7/series-1/slice-12`
 * Source: PS3.5 annex B.2; RFC 9562 section 5.8
 */
export function uidFromSeed(text: string): string {
  const digest = createHash('sha256').update(text, 'utf8').digest().subarray(0, 16);
  digest[6] = (digest[6]! & 0x0f) | 0x80; // version 8: content of our own choice
  digest[8] = (digest[8]! & 0x3f) | 0x80; // variant of RFC 9562
  return UUID_ROOT + BigInt(`0x${digest.toString('hex')}`).toString(10);
}
