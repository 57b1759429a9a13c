/** The part of WebAssembly that is used here. TypeScript declares it only for browsers. */
declare namespace WebAssembly {
  type Imports = Readonly<Record<string, unknown>>;
  type Exports = Readonly<Record<string, unknown>>;
  const Module: new (bytes: Uint8Array) => Module;
  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Exports;
  }
  class Memory {
    /** Another one after the memory has grown. */
    readonly buffer: ArrayBuffer;
  }
}
