import type { Database } from 'sql.js';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { ContentVisitor, JoinedContents } from '../../pin/joinedContents';
import { NO_KEY } from '../../pin/joinedContents';
import { MAX_TEXT } from '../../pin/pin';
import type { Standing } from '../../pin/standing';
import type { SqliteMemory } from './sqliteMemory';
import { directFunction } from './sqliteMemory';

/**
 * The functions of SQL about the contents of CIDs. They hash the CID of each row: that takes half a microsecond, and unlike marks of rows it stays right when the
 * database is changed.
 */
export interface SqliteJoin {
  /**
   * Gives a database its functions. `pin_joined(text, at)`: the answer number `at` of JoinedContents for a CID, NULL for none. `pin_visit(value, standing,
   * isShown)` hands a CID to the visitor: NULL, but 1 once in ROWS_A_TURN, so that a statement with that condition pauses there, and 2 for a value that isn't
   * shown as it is, unless `isShown`: SQLite tells that half as fast.
   */
  readonly addFunctions: (db: Database) => void;
  /** Runs statements with them. */
  during<T>(joined: JoinedContents | undefined, visitor: ContentVisitor | undefined, work: () => T): T;
}

/** Rows that are read before other queries have their turn: some ten milliseconds of work. */
const ROWS_A_TURN = 16_384;
/** A type of value. */
const SQLITE_TEXT = 3;

export function sqliteJoin(memory: SqliteMemory): SqliteJoin {
  const { sqlite, now } = memory;
  let joined: JoinedContents | undefined;
  let visitor: ContentVisitor | undefined;
  let visited = 0;
  const failures: IpfsKitError[] = [];
  const parameters = (values: number): readonly [number, number, number] => {
    const { words } = now();
    const at = values >>> 2;
    return [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0];
  };
  const failed = sqlite.stringToNewUTF8('failed');

  const addJoined = directFunction(memory, 'pin_joined', 2, true, (context, values) => {
    const [value, number] = parameters(values);
    const at = sqlite._sqlite3_value_int(number);
    const text = sqlite._sqlite3_value_text(value); // converts UTF-16 to UTF-8
    if (text === 0 || !joined) return sqlite._sqlite3_result_null(context);
    const length = sqlite._sqlite3_value_bytes(value);
    const answer = joined.answers(at)?.[joined.classOf(now().bytes, text, text + length)] ?? NO_KEY;
    if (answer === NO_KEY) sqlite._sqlite3_result_null(context);
    else sqlite._sqlite3_result_int(context, answer);
  });
  const addVisit = directFunction(memory, 'pin_visit', 3, false, (context, values) => {
    const [value, number, other] = parameters(values);
    const isText = sqlite._sqlite3_value_type(value) === SQLITE_TEXT;
    const text = isText ? sqlite._sqlite3_value_text(value) : 0;
    const length = text === 0 ? 0 : sqlite._sqlite3_value_bytes(value);
    if ((length === 0 || length > MAX_TEXT) && sqlite._sqlite3_value_int(other) === 0)
      return sqlite._sqlite3_result_int(context, 2);
    if (length === 0) return;
    const standing = sqlite._sqlite3_value_int(number) as Standing;
    try {
      visitor?.pin(now().bytes, text, text + length, standing);
    } catch (error) {
      failures.push(IpfsKitError.from(error)); // An error must not pass through SQLite, which would lose its stack.
      return sqlite._sqlite3_result_error(context, failed, -1);
    }
    visited = (visited + 1) % ROWS_A_TURN;
    if (visited === 0) sqlite._sqlite3_result_int(context, 1);
  });
  return {
    addFunctions: (db) => {
      addJoined(db);
      addVisit(db);
    },
    during: (ofTable, reading, work) => {
      [joined, visitor] = [ofTable, reading];
      try {
        return work();
      } catch (error) {
        throw failures[0] ?? error;
      } finally {
        [joined, visitor] = [undefined, undefined];
        failures.length = 0;
      }
    },
  };
}
