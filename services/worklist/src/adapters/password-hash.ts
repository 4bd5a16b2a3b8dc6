import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * Cost of a hash: 64 MiB and about a third of a second.
 * Source: OWASP Password Storage Cheat Sheet, scrypt with N=2^16, r=8, p=2.
 */
const COST = { logN: 16, r: 8, p: 2 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Nobody's password: checked when there is no such user, so that the answer takes as long. */
const NOBODY = hashText(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(HASH_BYTES));

/** A salted scrypt hash as PHC text, for a configuration file. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return hashText(COST, salt, await derive(password, salt, COST, HASH_BYTES));
}

/** Whether the password is the one that was hashed. @param hash null for a user who does not exist: never right */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const parts = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(hash ?? NOBODY);
  if (!parts) return false;
  const [, logN, r, p, salt = '', expected = ''] = parts;
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  const wanted = Buffer.from(expected, 'base64');
  const found = await derive(password, Buffer.from(salt, 'base64'), cost, wanted.length);
  return timingSafeEqual(found, wanted) && hash !== null;
}

function derive(password: string, salt: Buffer, cost: typeof COST, length: number): Promise<Buffer> {
  const N = 2 ** cost.logN;
  const options: ScryptOptions = { N, r: cost.r, p: cost.p, maxmem: 256 * N * cost.r };
  return new Promise((resolve, reject) => {
    // One password, however the keyboard composes its letters.
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function hashText(cost: typeof COST, salt: Buffer, hash: Buffer): string {
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${text(salt)}$${text(hash)}`;
}
