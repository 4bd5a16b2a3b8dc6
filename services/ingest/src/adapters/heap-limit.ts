import v8 from 'node:v8';

/** How far the heap may grow between two full collections, in percent of what is alive. [design] V8's own choice goes up to this. */
const GROWTH_PERCENT = 300;

/**
 * Keeps V8 from collecting the whole heap for every few megabytes that are received. Buffers from sockets count as
 * growth of the heap, and beside a small heap they make V8 shrink its limit until most of the processor's time goes into
 * collections: receiving took three to four times as much of it. For the whole process, and worth calling once.
 */
export function steadyHeapLimit(): void {
  v8.setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
