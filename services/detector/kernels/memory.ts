/** First byte that the host may use; everything below belongs to the module's own data. */
export function heapBase(): usize {
  return __heap_base;
}
