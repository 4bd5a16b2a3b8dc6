import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readCheckedYaml } from '@pce/shared/config/checked-yaml';
import { AccessSchema } from '@pce/worklist/access-config';
import { isPassword } from '@pce/worklist/adapters/password-hash';
import { Type } from 'typebox';
import { expect, it } from 'vitest';

const PCE = fileURLToPath(new URL('../../dist/pce.js', import.meta.url));
const add = (input: string) =>
  spawnSync(process.execPath, [PCE, 'users', 'add', 'rita', '--role', 'reader', 'administrator'], {
    input,
    encoding: 'utf8',
  });

it('prints lines the configuration takes, with a hash of the password and not the password', async () => {
  const { stdout, status } = add('correct horse battery\n');
  expect(status).toBe(0);
  expect(stdout).not.toContain('horse');
  const checked = readCheckedYaml(Type.Object({ access: AccessSchema }), stdout, []);
  if (checked.kind === 'invalid') throw new Error(checked.problems.join('\n'));
  const [user] = checked.value.access.users;
  expect(user).toMatchObject({ name: 'rita', roles: ['reader', 'administrator'] });
  expect(await isPassword('correct horse battery', user?.passwordHash ?? null)).toBe(true);
});

it('wants a long password', () => {
  const { stdout, stderr, status } = add('short');
  expect([stdout, status]).toEqual(['', 1]);
  expect(stderr).toContain('at least 12 letters');
});
