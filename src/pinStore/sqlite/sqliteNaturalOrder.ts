import type { Database } from 'sql.js';
import { KEY_MARGIN, writeNaturalKey } from '../../pin/naturalOrder';
import type { SqliteMemory } from './sqliteMemory';
import { directFunction } from './sqliteMemory';

/** SQLITE_TRANSIENT: SQLite copies the result. */
const COPY = -1;
const LEAST_ROOM = 65_536;

/** Gives a database the function `pin_order(text)`: the natural key of a text, NULL for NULL. Sorting a million names takes as long as with lower(). */
export function naturalOrderFunction(memory: SqliteMemory): (db: Database) => void {
  const { sqlite, now } = memory;
  const outOfMemory = sqlite.stringToNewUTF8('out of memory');
  /** Memory for a key. */
  let [key, room] = [0, 0];
  return directFunction(memory, 'pin_order', 1, true, (context, values) => {
    const value = now().words[values >>> 2] ?? 0;
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
    const { view } = now(); // the memory may have grown
    sqlite._sqlite3_result_blob(context, key, writeNaturalKey(view, text, text + length, view, key) - key, COPY);
  });
}
