import { IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import type { JsonScan } from './jsonScan';
import { CLOSE_LIST, CLOSE_OBJECT, COLON, COMMA, OPEN_LIST, OPEN_OBJECT, QUOTE, stringAt } from './jsonScan';

/** Takes the rows of one list, in order. What it throws ends the reading. */
export interface RowTaker {
  /** The place behind the row that begins at this place of the text with its `{`. Throws where that is not JSON. */
  end(from: number): number;
  /** The row that `end` was asked for last, when it is known to be short enough. */
  take(from: number, to: number): void;
}

const PASSED_OVER = (): void => undefined;

interface JsonListOptions<Taker extends RowTaker> {
  /** What the text is, for messages: `The daemon's list`. */
  readonly what: string;
  /** Called where a list of rows begins. */
  readonly begin: () => Taker;
  /** Members of an object around the list that may be the list, the one that counts first. */
  readonly lists: readonly string[];
  /** Other members of that object that are wanted. */
  readonly members: readonly string[];
  readonly mostRows: number;
  readonly mostRowBytes: number;
  /** Asked every now and then: a promise to wait for before going on, where one is due. What it throws ends the reading. */
  readonly due: () => Promise<void> | undefined;
}

interface JsonList<Taker extends RowTaker> {
  /** Undefined where the text is JSON, and no list. */
  readonly list: Taker | undefined;
  /** Where the wanted members begin and end. */
  readonly members: ReadonlyMap<string, Span>;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Bytes between two looks at the clock: some 50 µs. */
const BYTES_A_LOOK = 65_536;
/** Longer keys of the object around a list are none that are wanted. */
const LONGEST_KEY = 64;

/**
 * Reads a list of objects, row by row and step by step: `[row…]`, or `{"rows":[row…], …}` with other members in any order. All of the text is looked
 * at, and none of it is parsed here.
 * Rejects with IpfsKitError: malformed (not JSON, a row that isn't an object, a list that comes twice), too-large (too many rows, a row that is too
 * long), cancelled.
 */
export async function readJsonList<Taker extends RowTaker>(
  scan: JsonScan,
  { what, begin, lists, members: wanted, mostRows, mostRowBytes, due }: JsonListOptions<Taker>,
): Promise<JsonList<Taker>> {
  const { bytes, blanks, fault } = scan;
  let looked = 0;
  /** A pause where one is due. */
  const rest = (at: number): Promise<void> | undefined => {
    if (at - looked < BYTES_A_LOOK) return undefined;
    looked = at;
    return due();
  };

  /** Gives the place behind the list that begins at `from`. */
  const readRows = async (from: number, taker: RowTaker): Promise<number> => {
    let at = blanks(from + 1);
    if (bytes[at] === CLOSE_LIST) return at + 1;
    for (let rows = 1; ; rows++) {
      if (bytes[at] !== OPEN_OBJECT) {
        scan.value(at);
        throw new IpfsKitError('malformed', `${what} has a row that isn't an object (byte ${withCommas(at)}).`);
      }
      if (rows > mostRows) throw new IpfsKitError('too-large', `${what} has more than ${withCommas(mostRows)} rows.`);
      const end = taker.end(at);
      if (end - at > mostRowBytes)
        throw new IpfsKitError('too-large', `${what} has a row of more than ${withCommas(mostRowBytes)} bytes.`);
      taker.take(at, end);
      const pause = rest(end);
      if (pause) await pause;
      at = blanks(end);
      if (bytes[at] === CLOSE_LIST) return at + 1;
      if (bytes[at] !== COMMA) throw fault(at);
      at = blanks(at + 1);
    }
  };

  const members = new Map<string, Span>();
  let list: Taker | undefined;
  let rank = Infinity;
  const seen = new Set<number>();

  const readObject = async (from: number): Promise<number> => {
    let at = blanks(from + 1);
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    for (;;) {
      if (bytes[at] !== QUOTE) throw fault(at);
      const end = scan.string(at);
      const last = end < 0 ? ~end : end;
      const name = last - at > LONGEST_KEY ? '' : stringAt(scan, at, end);
      const colon = blanks(last + 1);
      if (bytes[colon] !== COLON) throw fault(colon);
      const value = blanks(colon + 1);
      const place = bytes[value] === OPEN_LIST ? lists.indexOf(name) : -1;
      if (place >= 0) {
        if (seen.has(place)) throw new IpfsKitError('malformed', `${what} has its list of pins twice ("${name}").`);
        seen.add(place);
        const taker = place < rank ? begin() : undefined;
        at = await readRows(value, taker ?? { end: scan.value, take: PASSED_OVER });
        if (taker) [list, rank] = [taker, place];
      } else {
        at = scan.value(value);
        if (wanted.includes(name)) members.set(name, { from: value, to: at });
        const pause = rest(at);
        if (pause) await pause;
      }
      at = blanks(at);
      if (bytes[at] === CLOSE_OBJECT) return at + 1;
      if (bytes[at] !== COMMA) throw fault(at);
      at = blanks(at + 1);
    }
  };

  const from = blanks(0);
  const first = bytes[from];
  if (first === OPEN_LIST) list = begin();
  const to =
    first === OPEN_LIST && list ? await readRows(from, list) : first === OPEN_OBJECT ? await readObject(from) : scan.value(from);
  const behind = blanks(to);
  if (behind < bytes.length) throw fault(behind);
  return { list, members };
}
