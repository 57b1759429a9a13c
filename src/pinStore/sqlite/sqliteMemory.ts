import type { Database, SqlJsStatic } from 'sql.js';

/** The exports of SQLite's module that sql.js itself uses (1.16.0); its types don't list them. Texts, values and contexts are addresses. */
export interface SqliteInternals {
  addFunction(call: (context: number, count: number, values: number) => void, signature: string): number;
  stringToNewUTF8(text: string): number;
  _malloc(bytes: number): number;
  _free(address: number): void;
  _sqlite3_create_function_v2(database: number, name: number, parameters: number, flags: number, data: 0, call: number, ...others: [0, 0, 0]): number; // prettier-ignore
  _sqlite3_value_type(value: number): number;
  _sqlite3_value_text(value: number): number;
  _sqlite3_value_bytes(value: number): number;
  _sqlite3_value_int(value: number): number;
  _sqlite3_result_null(context: number): void;
  _sqlite3_result_int(context: number, value: number): void;
  _sqlite3_result_blob(context: number, bytes: number, length: number, destructor: number): void;
  _sqlite3_result_error(context: number, message: number, length: number): void;
}

/**
 * SQLite, for functions that read and write its memory. create_function() of sql.js makes a string of each text and copies each result twice; without that, a
 * function is as fast as lower().
 */
export interface SqliteMemory {
  readonly sqlite: SqliteInternals;
  /** All of its memory, which moves as it grows: to be asked for again after each call. */
  readonly now: () => MemoryArrays;
}

export interface MemoryArrays {
  readonly bytes: Uint8Array;
  /** As numbers, whose addresses are multiples of four. */
  readonly words: Uint32Array;
  readonly view: DataView;
}

const UTF8 = 1;
const DETERMINISTIC = 0x800;

export function sqliteMemory(sql: SqlJsStatic, memory: WebAssembly.Memory): SqliteMemory {
  const arrays = (): MemoryArrays => {
    const { buffer } = memory;
    return { bytes: new Uint8Array(buffer), words: new Uint32Array(buffer), view: new DataView(buffer) };
  };
  let last = arrays();
  // Memory that has grown leaves arrays without a length behind. To ask for its buffer each time would take a tenth of a microsecond.
  return { sqlite: sql as unknown as SqliteInternals, now: () => (last.bytes.length > 0 ? last : (last = arrays())) };
}

/**
 * Makes a function, which the result gives to a database. `call` receives the context for its result, and the address at which those of its parameters are.
 * `isDeterministic`: SQLite may call it once for equal parameters.
 */
export function directFunction(
  { sqlite }: SqliteMemory,
  name: string,
  parameters: number,
  isDeterministic: boolean,
  call: (context: number, values: number) => void,
): (db: Database) => void {
  const [address, text] = [
    sqlite.addFunction((context, _, values) => call(context, values), 'viii'),
    sqlite.stringToNewUTF8(name),
  ];
  const flags = UTF8 | (isDeterministic ? DETERMINISTIC : 0);
  return (db) => {
    const { db: database } = db as unknown as { readonly db: number };
    if (sqlite._sqlite3_create_function_v2(database, text, parameters, flags, 0, address, 0, 0, 0) !== 0)
      throw new Error(`${name} could not be created`);
  };
}
