// What the host may call: every kernel works on memory that the host has laid out after heapBase().

export { reduceSlab } from './block-reduce';
export { smoothX, smoothY, smoothZ } from './gaussian';
export { heapBase } from './memory';
