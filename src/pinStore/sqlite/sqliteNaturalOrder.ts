import type { Database, SqlJsStatic } from 'sql.js';
import { KEY_MARGIN, writeNaturalKey } from '../../pin/naturalOrder';

/** The exports of SQLite's module that sql.js itself uses (1.16.0); its types don't list them. Texts and values are addresses. */
interface Internals {
  addFunction(call: (context: number, count: number, values: number) => void, signature: string): number;
  stringToNewUTF8(text: string): number;
  _malloc(bytes: number): number;
  _free(address: number): void;
  _sqlite3_create_function_v2(database: number, name: number, parameters: number, flags: number, data: 0, call: number, ...others: [0, 0, 0]): number; // prettier-ignore
  _sqlite3_value_text(value: number): number;
  _sqlite3_value_bytes(value: number): number;
  _sqlite3_result_null(context: number): void;
  _sqlite3_result_blob(context: number, bytes: number, length: number, destructor: number): void;
  _sqlite3_result_error(context: number, message: number, length: number): void;
}

const DETERMINISTIC_UTF8 = 0x801;
/** SQLITE_TRANSIENT: SQLite copies the result. */
const COPY = -1;

/**
 * Gives a database the function `pin_order(text)`: the natural key of a text, NULL for NULL. create_function() of sql.js makes a string of each text and copies
 * the result twice. This function reads and writes the memory of SQLite, so that sorting a million names takes as long as with lower().
 */
export function naturalOrderFunction(sql: SqlJsStatic, memory: WebAssembly.Memory): (db: Database) => void {
  const sqlite = sql as unknown as Internals;
  let view = new DataView(memory.buffer);
  /** Memory for a key. */
  let [key, room] = [0, 0];
  const call = sqlite.addFunction((context, _, values) => {
    const value = viewOf().getUint32(values, true);
    const text = sqlite._sqlite3_value_text(value); // converts UTF-16 to UTF-8
    if (text === 0) return sqlite._sqlite3_result_null(context);
    const length = sqlite._sqlite3_value_bytes(value);
    if (length + KEY_MARGIN > room) {
      sqlite._free(key);
      room = Math.max(LEAST_ROOM, length + KEY_MARGIN);
      key = sqlite._malloc(room);
      if (key === 0) {
        room = 0;
        return sqlite._sqlite3_result_error(context, outOfMemory, -1);
      }
    }
    const bytes = viewOf(); // the memory may have grown
    sqlite._sqlite3_result_blob(context, key, writeNaturalKey(bytes, text, text + length, bytes, key) - key, COPY);
  }, 'viii');
  const [name, outOfMemory] = [sqlite.stringToNewUTF8('pin_order'), sqlite.stringToNewUTF8('out of memory')];

  function viewOf(): DataView {
    if (view.buffer !== memory.buffer) view = new DataView(memory.buffer);
    return view;
  }
  return (db) => {
    const { db: address } = db as unknown as { readonly db: number };
    if (sqlite._sqlite3_create_function_v2(address, name, 1, DETERMINISTIC_UTF8, 0, call, 0, 0, 0) !== 0)
      throw new Error('pin_order could not be created');
  };
}

const LEAST_ROOM = 65_536;
