// For the types of WebAssembly, which the Node types of this version lack.
/// <reference lib="webworker" />

import { KERNELS_WASM_BASE64 } from '#kernels';

type Pass = (
  source: number,
  target: number,
  weights: number,
  radius: number,
  nx: number,
  ny: number,
  nz: number,
) => void;

interface KernelExports {
  memory: WebAssembly.Memory;
  heapBase(): number;
  smoothX: Pass;
  smoothY: Pass;
  smoothZ: Pass;
  reduceSlab(
    slab: number,
    sums: number,
    peaks: number,
    means: number,
    maxima: number,
    columns: number,
    rows: number,
    depth: number,
    fx: number,
    fy: number,
  ): void;
}

/**
 * The kernels of one thread, with the memory they work in.
 *
 * WASM sees only its own memory, so every call copies its input in and its result out. That memory never shrinks:
 * kernels therefore work on slabs and patches, and the volume itself stays outside.
 */
export interface Kernels extends KernelExports {
  /**
   * Lays out one array per byte length, 16-byte aligned, over whatever an earlier call left there.
   *
   * @returns the address of each; views made before this call may be detached.
   */
  layOut(byteLengths: readonly number[]): number[];
}

const PAGE_BYTES = 65_536;
const ALIGNMENT_BYTES = 16;

let instance: Kernels | null = null;

/** The kernels of this thread, compiled at first use. */
export function kernels(): Kernels {
  instance ??= instantiate();
  return instance;
}

function instantiate(): Kernels {
  const bytes = Uint8Array.from(atob(KERNELS_WASM_BASE64), (character) => character.charCodeAt(0));
  const module = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { abort } });
  const exports = module.exports as unknown as KernelExports;
  const layOut = (byteLengths: readonly number[]): number[] => {
    const addresses: number[] = [];
    let end = exports.heapBase();
    for (const length of byteLengths) {
      const address = Math.ceil(end / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
      addresses.push(address);
      end = address + length;
    }
    const missing = end - exports.memory.buffer.byteLength;
    if (missing > 0) exports.memory.grow(Math.ceil(missing / PAGE_BYTES));
    return addresses;
  };
  return { ...exports, layOut };
}

function abort(): never {
  throw new Error('A WASM kernel was aborted.');
}
