declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const factory: import('./emscripten-decoder.js').ModuleFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const factory: import('./emscripten-decoder.js').ModuleFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  const factory: import('./emscripten-decoder.js').ModuleFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const factory: import('./emscripten-decoder.js').ModuleFactory;
  export default factory;
}
declare module 'jpeg-lossless-decoder-js' {
  export class Decoder {
    /** Rows complete so far. */
    readonly yLoc: number;
    readonly stream: { /** Next byte to be read. */ readonly index: number } | null;
    /** Decodes one codestream into host-endian samples of `numBytes` bytes. */
    decode(buffer: ArrayBuffer, offset: number, length: number, numBytes: number): Uint8Array | Uint16Array;
  }
}
