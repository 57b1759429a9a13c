import type { Reason } from '../../base/ipfsKitError';
import { IpfsKitError } from '../../base/ipfsKitError';
import { shapeOf } from '../../pin/columnNames';
import type { PinTable } from '../../pin/pinTable';
import { withCommas } from '../../base/withCommas';
import { columnarTable } from '../../columns/columnarTable';
import { jsonColumns } from '../../columns/jsonColumns';
import { pacer } from '../../base/stepByStep';
import { readJsonList } from '../../daemonClient/jsonList';
import type { JsonScan } from '../../daemonClient/jsonScan';
import { jsonScan, QUOTE, stringAt } from '../../daemonClient/jsonScan';

const WHAT = "The daemon's JSON list";
const MAX_BYTES = 2 ** 28;
const MOST_ROWS = 5_000_000;
const MOST_ROW_BYTES = 2 ** 20;
/** The most characters of a daemon's error message. */
const LONGEST_ERROR = 300;

interface JsonOptions {
  /** The name of the list in messages; by default that of a daemon's. */
  readonly what?: string;
  /** The reason of the error for JSON without a list of pins; default `malformed`. */
  readonly withoutList?: Reason;
}

/**
 * Reads the body of `GET /pins`: `{pins:[row…]}`, the dashboard's `{items:[row…]}`, or an array of rows, which are objects. Only single values of rows are
 * parsed. Memory outside of the heap contains the body, which the table keeps, 4 bytes for each row, and a column for each field of a pin. Other members of
 * the response and other keys of a row are only scanned. Rejects with IpfsKitError: `empty`, `malformed`, `too-large`, `cancelled`, `withoutList`, and `unreadable` where
 * the daemon reports, with status 200, that it couldn't read its own pins.
 */
export async function readJson(
  body: Uint8Array,
  signal: AbortSignal,
  { what = WHAT, withoutList = 'malformed' }: JsonOptions = {},
): Promise<PinTable> {
  if (body.length === 0) throw new IpfsKitError('empty', `${what} is empty.`);
  if (body.length > MAX_BYTES) throw new IpfsKitError('too-large', `${what} has more than ${withCommas(MAX_BYTES)} bytes.`);
  const scan = jsonScan(body, what);
  const { list, members } = await readJsonList(scan, {
    what,
    begin: () => jsonColumns(scan),
    lists: ['pins', 'items'],
    members: ['error'],
    mostRows: MOST_ROWS,
    mostRowBytes: MOST_ROW_BYTES,
    due: pacer(signal),
  });
  const error = members.get('error');
  const errorText = error && beginningOf(scan, error.from, error.to);
  if (errorText !== undefined && errorText !== '')
    throw new IpfsKitError('unreadable', `The daemon couldn't read its own pins: ${errorText.slice(0, LONGEST_ERROR)}`);
  if (!list) throw new IpfsKitError(withoutList, `${what} is JSON, but contains no list of pins.`);
  const source = list.source();
  if (!shapeOf(source.names)) throw new IpfsKitError(withoutList, `${what} is JSON, but its rows have no "cid".`);
  return columnarTable(source, `${withCommas(source.rows)} rows of JSON`);
}

/** The beginning of a string, at least MOST_TOLD characters of it; undefined for a value that isn't a string. */
function beginningOf(scan: JsonScan, from: number, to: number): string | undefined {
  if (scan.bytes[from] !== QUOTE) return undefined;
  const bytes = scan.bytes.subarray(from, Math.min(to, from + 6 * LONGEST_ERROR));
  if (from + bytes.length === to) return stringAt(scan, from, scan.string(from));
  // Cut after the last complete character or escape.
  const [whole = ''] = /^"(?:[^\\]|\\u[\da-f]{4}|\\[^u])*/i.exec(bytes.toString('utf8')) ?? [];
  return JSON.parse(`${whole}"`) as string;
}
