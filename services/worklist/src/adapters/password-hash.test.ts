import { expect, it } from 'vitest';
import { hashPassword, isPassword } from './password-hash.js';

it('knows the password again, however its letters are composed, and no other', async () => {
  const hash = await hashPassword('Gru\u0308n und bla\u00fc');
  expect(hash).toMatch(/^\$scrypt\$ln=16,r=8,p=2\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await isPassword('Gr\u00fcn und blau\u0308', hash)).toBe(true);
  expect(await isPassword('Gr\u00fcn und blau', hash)).toBe(false);
  expect(await hashPassword('Gru\u0308n und bla\u00fc')).not.toBe(hash);
});

it('lets nobody in who does not exist, or whose hash is none', async () => {
  expect(await isPassword('', null)).toBe(false);
  expect(await isPassword('x', 'plain text')).toBe(false);
});
