import { IpfsKitError } from '../ipfsKitError';
import type { PinTable } from '../pin/pinTable';
import { columnarTable } from './columnarTable';
import { withCommas } from '../withCommas';

/**
 * The body of `GET /pins`: `{pins:[row…]}`, the dashboard's `{items:[row…]}`, or a plain list of rows.
 * Throws IpfsKitError: empty, malformed, too-large, and unreadable where the daemon says that it could not read its own pins (with status 200).
 */
export function readJson(body: Uint8Array): PinTable {
  if (body.length === 0) throw new IpfsKitError('empty', "The daemon's JSON list is empty: not even a bracket.");
  if (body.length > MAX_BYTES)
    throw new IpfsKitError('too-large', `The daemon's JSON list has more than ${withCommas(MAX_BYTES)} bytes.`);
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new IpfsKitError('malformed', "The daemon's list is not JSON.", { cause: error });
  }
  const rows = rowsOf(answer);
  const names = new Set<string>(rows.length === 0 ? ['cid'] : []);
  for (const row of rows) for (const name of Object.keys(row)) if (names.size < MAX_COLUMNS) names.add(name);
  return columnarTable(
    {
      rows: rows.length,
      names: [...names],
      value: (column, row) => (Object.hasOwn(rows[row] ?? {}, column) ? rows[row]?.[column] : undefined),
    },
    `${withCommas(rows.length)} rows of JSON`,
  );
}

type Row = Readonly<Record<string, unknown>>;

const MAX_COLUMNS = 200;

/** A string of V8 ends at about 2^29 units, and parsed rows weigh several times their text. */
const MAX_BYTES = 2 ** 28;

function rowsOf(answer: unknown): readonly Row[] {
  if (Array.isArray(answer)) return answer.filter(isRow);
  if (!isRow(answer)) throw new IpfsKitError('malformed', "The daemon's list is JSON, but no list of pins.");
  if (typeof answer['error'] === 'string' && answer['error'] !== '')
    throw new IpfsKitError('unreadable', `The daemon could not read its own pins: ${answer['error'].slice(0, 300)}`);
  const list = answer['pins'] ?? answer['items'];
  if (!Array.isArray(list)) throw new IpfsKitError('malformed', "The daemon's answer has no list of pins in it.");
  return list.filter(isRow);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
