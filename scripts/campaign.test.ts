import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Short form: the long one is run by hand. See docs/operations.md. */
const INPUTS = 6000;
const SERVICE_INPUTS = 140;

it('keeps every reader whole under damaged input, within its limits of memory and time', () => {
  const args = ['campaign/run.mjs', 'hostile', '--seed', '7', '--count', `${INPUTS}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr.split('\n').filter((line) => line.startsWith('FAULT'))).toEqual([]);
  expect(stdout).toMatch(/seed 7: \d+ inputs .* 0 faults/);
  expect(Number(/seed 7: (\d+) inputs/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(INPUTS);
  expect(status).toBe(0);
});

it('keeps the whole service at work whatever comes through its doors', () => {
  const args = ['campaign/run.mjs', 'hostile-service', '--seed', '7', '--count', `${SERVICE_INPUTS}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr.split('\n').filter((line) => line.startsWith('FAULT'))).toEqual([]);
  expect(stdout).toMatch(/seed 7: \d+ inputs .* 0 faults/);
  expect(Number(/seed 7: (\d+) inputs/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(SERVICE_INPUTS);
  expect(stdout).toMatch(/HTTP answers: .*\b200 \d+/);
  expect(status).toBe(0);
});

it('notices readers that are broken on purpose', () => {
  const kinds = ['refusal', 'throw', 'later throw', 'end', 'loop', 'silence', 'growth'].map(
    (name) => `planted ${name}`,
  );
  const args = [
    'campaign/run.mjs',
    'hostile',
    '--planted',
    '--hang',
    '0.7',
    '--count',
    '7',
    '--kinds',
    kinds.join(','),
  ];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const faults = stderr
    .split('\n')
    .flatMap((line) => /^FAULT (planted [a-z ]+) --first 0: (.*)/.exec(line)?.slice(1, 3) ?? []);
  expect(faults).toEqual([
    'planted throw',
    expect.stringContaining('TypeError'),
    'planted later throw',
    expect.stringContaining('outside of the call'),
    'planted end',
    'the thread ended with 3',
    'planted loop',
    expect.stringMatching(/no answer within/),
    'planted silence',
    'no answer within 6300 ms',
    'planted growth',
    // Whichever limit it meets first: a busy machine may not let it take that much.
    expect.stringMatching(/memory|no answer within/),
  ]);
  expect(status).toBe(1);
});

it('says which campaigns there are', () => {
  const { status, stderr } = spawnSync(process.execPath, ['campaign/run.mjs', 'peaceful'], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/expected one of hostile, hostile-service, faults; received peaceful/);
});
