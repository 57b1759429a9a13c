/** Built into the bundle as bytes. */
declare module '*.wasm' {
  const bytes: Uint8Array;
  export { bytes as default };
}

/** What emscripten makes of the C library; the package's own entry keeps one instance, with its memory, for good. */
declare module '@foxglove/wasm-lz4/dist/wasm-lz4.js' {
  /** Addresses within its memory; 0 is none. */
  interface WasmLz4 {
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(address: number): void;
    _createDecompressionContext(): number;
    /** Gives the bytes written, or -1 where the frame is broken, not over, or longer than there is room for. */
    _decompressFrame(context: number, to: number, room: number, from: number, bytes: number): number;
  }
  function createModule(options: { readonly wasmBinary: Uint8Array }): Promise<WasmLz4>;
  export { createModule as default };
}

/** The one file that is needed: its index brings a dictionary of Brotli along. */
declare module 'hyparquet-compressors/src/lz4.js' {
  function decompressLz4(packed: Uint8Array, length: number): Uint8Array;
  function decompressLz4Raw(packed: Uint8Array, length: number): Uint8Array;
  export { decompressLz4, decompressLz4Raw };
}
