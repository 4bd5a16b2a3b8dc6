import { createHmac } from 'node:crypto';

/** Values that stand for others: the same input and key give the same value, and without the key nothing leads back. */
export interface Pseudonyms {
  uid(original: string): string;
  /** For a patient, an accession number and such: at most 16 characters, as SH allows. */
  name(kind: 'patient' | 'accession', original: string): string;
  /** Days that all dates of a patient move by: the past, between one and ten years. */
  dayShift(patient: string): number;
}

/** A key shorter than the digest weakens it. Source: RFC 2104 section 3. */
export const LEAST_KEY_BYTES = 32;
/** Letters and digits that are not taken for each other. [design] */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const NAME_CHARACTERS = 12;
const PREFIX = { patient: 'PCE-', accession: 'ACC-' } as const;
const LEAST_SHIFT_DAYS = 365;
const SHIFT_SPAN_DAYS = 3288;

/**
 * Pseudonyms by HMAC-SHA256.
 *
 * @param key at least {@link LEAST_KEY_BYTES} bytes
 * @throws RangeError when the key is shorter
 */
export function keyedPseudonyms(key: Uint8Array): Pseudonyms {
  if (key.length < LEAST_KEY_BYTES) {
    throw new RangeError(`key: expected at least ${LEAST_KEY_BYTES} bytes; received ${key.length}`);
  }
  const digest = (purpose: string, text: string): Buffer =>
    createHmac('sha256', key).update(`${purpose}\0${text}`).digest();
  return {
    // 128 bits after the root for UUIDs. Source: PS3.5 section B.2.
    uid: (original) => `2.25.${BigInt(`0x${digest('uid', original).toString('hex', 0, 16)}`)}`,
    name: (kind, original) =>
      PREFIX[kind] +
      [...digest(kind, original).subarray(0, NAME_CHARACTERS)].map((byte) => ALPHABET[byte % 32]).join(''),
    dayShift: (patient) => -(LEAST_SHIFT_DAYS + (digest('days', patient).readUInt32BE(0) % SHIFT_SPAN_DAYS)),
  };
}
