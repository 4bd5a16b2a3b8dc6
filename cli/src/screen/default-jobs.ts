/** Memory one analysis may take: three times what a CT of 300 slices of 512 x 512 takes (bench/screen.mjs). [design] */
const BYTES_PER_JOB = 1.5 * 2 ** 30;

/** How many studies to analyse at a time: one per processor, as far as the memory goes. */
export function defaultJobs(processors: number, memoryBytes: number): number {
  return Math.max(1, Math.min(processors, Math.floor(memoryBytes / BYTES_PER_JOB)));
}
