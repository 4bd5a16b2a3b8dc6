import { expect, it } from 'vitest';
import { defaultJobs } from './default-jobs.js';

it.each([
  [2, 24, 2],
  [64, 24, 16],
  [8, 4, 2],
  [4, 1, 1],
])('%d processors and %d GiB analyse %d studies at a time', (processors, gib, jobs) => {
  expect(defaultJobs(processors, gib * 2 ** 30)).toBe(jobs);
});
