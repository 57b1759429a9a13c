import { IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import type { JsonScan } from './jsonScan';
import { CLOSE_LIST, CLOSE_OBJECT, COLON, COMMA, OPEN_LIST, OPEN_OBJECT, QUOTE, stringAt } from './jsonScan';

/** Takes the rows of one list, in order. An error that it throws ends the read. */
export interface RowTaker {
  /** The position behind the row whose `{` is at this position of the text. Throws where that isn't JSON. */
  end(from: number): number;
  /** Takes the row that `end` was last called for, once it is known to be short enough. */
  take(from: number, to: number): void;
}

const PASSED_OVER = (): void => undefined;

interface JsonListOptions<Taker extends RowTaker> {
  /** What the text is, for messages: `The daemon's list`. */
  readonly what: string;
  /** Called where a list of rows begins. */
  readonly begin: () => Taker;
  /** The members of the surrounding object that may be the list, in order of preference. */
  readonly lists: readonly string[];
  /** The other members of that object to find. */
  readonly members: readonly string[];
  readonly mostRows: number;
  readonly mostRowBytes: number;
  /** Called now and then. Returns a promise to wait for where a pause is due. An error that it throws ends the read. */
  readonly due: () => Promise<void> | undefined;
}

interface JsonList<Taker extends RowTaker> {
  /** Undefined where the text is JSON without a list. */
  readonly list: Taker | undefined;
  /** Where the requested members begin and end. */
  readonly members: ReadonlyMap<string, Span>;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The bytes between two checks of the clock: some 50 µs. */
const BYTES_A_LOOK = 65_536;
/** Longer keys of the surrounding object can't be requested members. */
const LONGEST_KEY = 64;

/**
 * Reads a list of objects, row by row and step by step: `[row…]`, or `{"rows":[row…], …}` with other members in any order. The whole text is checked, and
 * nothing is parsed here.
 * Rejects with IpfsKitError: malformed (invalid JSON, a row that isn't an object, a list that occurs twice), too-large (too many rows, a row that is too long),
 * cancelled.
 */
export async function readJsonList<Taker extends RowTaker>(
  scan: JsonScan,
  { what, begin, lists, members: wanted, mostRows, mostRowBytes, due }: JsonListOptions<Taker>,
): Promise<JsonList<Taker>> {
  const { bytes, blanks, fault } = scan;
  let looked = 0;
  /** Pauses where a pause is due. */
  const rest = (at: number): Promise<void> | undefined => {
    if (at - looked < BYTES_A_LOOK) return undefined;
    looked = at;
    return due();
  };

  /** The position behind the list that begins at `from`. */
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
        if (seen.has(place)) throw new IpfsKitError('malformed', `${what} contains two lists of pins ("${name}").`);
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
