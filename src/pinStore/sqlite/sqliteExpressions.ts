import { groupKeyOf } from '../../pin/groupOfPin';
import { MAX_TEXT } from '../../pin/pin';
import type { FuzzyNeedle } from '../../pin/fuzzyMatch';
import { fuzzyNeedle, matchesFuzzily } from '../../pin/fuzzyMatch';
import { spellsCid } from '../../pin/searchTerms';
import { fitsMetadata } from '../../pin/pinFacts';
import {
  countOf,
  expiryMsOf,
  metadataOf,
  namesOf,
  rawTextOf,
  sizeOf,
  textOf,
  timeMsOf,
  wantedCountOf,
} from '../../pin/pinRecord';

/*
 * SQL expressions for the meaning of a value, by the same rules as pin/pinRecord.ts. SQLite columns hold any type in any row, so each expression checks
 * typeof() first. SQL is used where possible; the functions below do the rest, and are 10 times slower per row. No expression uses the column's own collation,
 * which could be unknown here or treat different texts as equal.
 */

/** A text of more bytes is searched and sorted by its shown part, because functions such as lower() would copy all of it. */
const LONGEST_WHOLE = 16 * 2 ** 20;
/** A longer text is left out, since SQLite loads it into its heap to cut it. Only a CID isn't left out, since every row that is counted is also shown. */
const LONGEST_CUT = 128 * 2 ** 20;
/** A number of bytes that always holds more than MAX_TEXT UTF-16 units, with room for an incomplete character at the end. */
const CUT_BYTES = 4 * (MAX_TEXT + 1);
const METADATA_BYTES = 4 * 65_536;
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
/** A blob that contains only a byte order mark is empty as text. */
const NO_CID = `'', x'', x'efbbbf'`;

type SqlFunction = (value: unknown, other?: unknown) => string | number | Uint8Array | null;

/** Called from SQL, beside pin_order (sqliteNaturalOrder.ts). A whole number arrives as a double, so SQL handles those that matter itself. */
export const SQL_FUNCTIONS: Readonly<Record<string, SqlFunction>> = {
  pin_text: (value) => textOf(value) ?? null,
  pin_names: (value) => namesOf(value) ?? null,
  pin_time: (value) => timeMsOf(value) ?? null,
  pin_size: (value) => wholeText(sizeOf(value)),
  pin_folder: (value) => (typeof value === 'string' ? (groupKeyOf({ cid: '', vfsPath: value }, 'folder') ?? null) : null),
  pin_meta_name: (value) => rawTextOf(metadataOf(value)?.['name']) ?? null,
  pin_meta_size: (value) => wholeText(sizeOf(metadataOf(value)?.['size_bytes'])),
  pin_fuzzy: (value, filter) =>
    Number(typeof value === 'string' && typeof filter === 'string' && matchesFuzzily(value, needleOf(filter))),
  pin_spells_cid: (value, v1) => Number(typeof value === 'string' && typeof v1 === 'string' && spellsCid(value, v1)),
  pin_expiry: (value) => numberOrNull(expiryMsOf(value)),
  pin_count: (value) => countOf(value) ?? null,
  pin_wanted: (value) => wantedCountOf(value) ?? null,
  pin_has_meta: (value, term) => (typeof value === 'string' ? hasMetadata(value, String(term)) : null),
  pin_bytes: (value) => (typeof value === 'string' ? Buffer.from(value) : null),
};

/** The filter is the same for a million rows, and splitting a long one each time takes longer than the search. */
function needleOf(filter: string): FuzzyNeedle {
  if (asked?.filter !== filter) asked = { filter, needle: fuzzyNeedle(filter) };
  return asked.needle;
}

let asked: { readonly filter: string; readonly needle: FuzzyNeedle } | undefined;

function numberOrNull(number: number): number | null {
  return Number.isNaN(number) ? null : number;
}

/** The term is the same for all rows. */
function hasMetadata(text: string, term: string): number | null {
  if (sought?.term !== term) sought = { term, ...(JSON.parse(term) as { key: string; value?: string }) };
  const fits = fitsMetadata(text, { key: sought.key, value: sought.value });
  return fits === undefined ? null : Number(fits);
}

let sought: { readonly term: string; readonly key: string; readonly value?: string } | undefined;

/** As text: a double would lose digits past 2^53. */
function wholeText(size: number | string | undefined): string | null {
  return size === undefined ? null : String(size);
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** sql.js takes a byte order mark off every text that it hands over: a text that begins with one is given a second. */
export function handedOver(text: string): string {
  return `CASE WHEN unicode(${text}) = 65279 THEN char(65279) || ${text} ELSE ${text} END`;
}

/** Whether a text is handed over as `key`, the value of a parameter: bytes that aren't UTF-8 become U+FFFD. */
export function isHandedOverAs(text: string, parameter: string, key: string | undefined): string {
  return key?.includes('\ufffd') === true
    ? `pin_bytes(${handedOver(text)}) = pin_bytes(${handedOver(parameter)})`
    : `${text} IS ${parameter} COLLATE BINARY`;
}

/** Whether a column holds this text, byte for byte. An index answers it, unless the column has another collation. */
export function isExactly(x: string, parameter: string): string {
  return `${x} COLLATE BINARY = ${parameter}`;
}

/** The value to hand over: long ones cut so that cutText still sees that they are long. Bytes, since substr() of text ends at U+0000. */
export function cutValue(x: string, longest = LONGEST_CUT): string {
  const bytes = `octet_length(${x})`;
  return `CASE typeof(${x}) WHEN 'text' THEN CASE WHEN ${bytes} <= ${CUT_BYTES} THEN ${handedOver(x)}
    WHEN ${bytes} <= ${LONGEST_WHOLE} THEN ${handedOver(`CAST(substr(CAST(${x} AS BLOB), 1, ${CUT_BYTES}) AS TEXT)`)}
    WHEN ${bytes} <= ${longest} THEN ${handedOver(`substr(${x}, 1, ${MAX_TEXT + 1})`)} END
    WHEN 'blob' THEN CASE WHEN ${bytes} <= ${longest} THEN substr(${x}, 1, ${CUT_BYTES}) END ELSE ${x} END`;
}

export function cutCid(x: string): string {
  return cutValue(x, Number.MAX_SAFE_INTEGER);
}

/** The JSON text of the `metadata` column, if it is short enough to be read. */
export function metadataText(x: string): string {
  return `CASE WHEN typeof(${x}) = 'text' AND octet_length(${x}) <= ${METADATA_BYTES} THEN ${x} END`;
}

/** Text for searching and sorting, complete up to LONGEST_WHOLE bytes; NULL where there is none. */
export function wholeTextOf(x: string): string {
  return textExpression(
    x,
    `CASE WHEN octet_length(${x}) BETWEEN 1 AND ${LONGEST_WHOLE} THEN ${x} WHEN octet_length(${x}) > 0 THEN ${cutValue(x)} END`,
  );
}

/** Text as it is shown, for grouping; NULL where there is none. */
export function shownTextOf(x: string): string {
  return textExpression(x, `CASE WHEN octet_length(${x}) BETWEEN 1 AND ${MAX_TEXT} THEN ${x} ELSE pin_text(${cutValue(x)}) END`);
}

/** Like shownTextOf, but a JSON list becomes its names, by the rules of namesOf. */
export function namesTextOf(x: string): string {
  const isList = `typeof(${x}) = 'text' AND octet_length(${x}) <= ${METADATA_BYTES} AND substr(${x}, 1, 1) = '['`;
  return `CASE WHEN ${isList} THEN pin_names(${x}) ELSE ${shownTextOf(x)} END`;
}

function textExpression(x: string, ofText: string): string {
  return `CASE typeof(${x}) WHEN 'text' THEN ${ofText} WHEN 'integer' THEN CAST(${x} AS TEXT) WHEN 'null' THEN NULL ELSE pin_text(${cutValue(x)}) END`;
}

/** The type may be stored as a flag: `recursive` 0 or 1. */
export function typeTextOf(x: string, isFlag: boolean): string {
  const text = shownTextOf(x);
  return isFlag
    ? `CASE WHEN typeof(${x}) IN ('integer', 'real') THEN CASE WHEN ${x} <> 0 THEN 'recursive' ELSE 'direct' END ELSE ${text} END`
    : text;
}

/** ms since 1970, by the rules of timeMsOf; NULL where there is no time. */
export function timeMs(x: string): string {
  const number = `CAST(${x} AS REAL)`;
  return `CASE WHEN typeof(${x}) IN ('integer', 'real') THEN
    CASE WHEN ${number} <= 0 THEN NULL WHEN ${number} < 1e11 THEN floor(${number} * 1000.0 + 0.001)
    WHEN ${number} < 1e14 THEN floor(${number}) WHEN ${number} < 1e17 THEN floor(${number} / 1000.0)
    WHEN floor(${number} / 1000000.0) <= ${LATEST_MS}.0 THEN floor(${number} / 1000000.0) END
    WHEN typeof(${x}) = 'text' THEN pin_time(${cutValue(x)}) END`;
}

export function folderOf(x: string): string {
  return `pin_folder(${handedOver(shownTextOf(x))})`;
}

export function monthOf(x: string): string {
  return `strftime('%Y-%m', CAST(floor((${timeMs(x)}) / 1000.0) AS INTEGER), 'unixepoch')`;
}

/** The size in bytes, by the rules of sizeOf: integers are exact, even past 2^53; reals from 2^63, which no integer can be. NULL where unknown. */
export function sizeBytes(x: string): string {
  return `CASE typeof(${x}) WHEN 'integer' THEN CASE WHEN ${x} > 0 THEN ${x} END
    WHEN 'real' THEN CASE WHEN ${x} < 1.0 OR ${x} >= 18446744073709551616.0 THEN NULL WHEN ${x} >= 9223372036854775808.0 THEN ${x} ELSE CAST(${x} AS INTEGER) END
    WHEN 'text' THEN CAST(pin_size(${cutValue(x)}) AS NUMERIC) END`;
}

export function metadataName(x: string): string {
  return `pin_meta_name(${metadataText(x)})`;
}

export function metadataSize(x: string): string {
  return `CAST(pin_meta_size(${metadataText(x)}) AS NUMERIC)`;
}

/** Whether the row has a CID and is therefore a pin. Of a long CID only the length is checked. */
export function isPin(cid: string): string {
  return `CASE WHEN octet_length(${cid}) > 3 THEN 1 ELSE ${cid} COLLATE BINARY NOT IN (${NO_CID}) END`;
}

/** The rows without a CID, as two conditions that an index on the CID answers. */
export function isNoPin(cid: string): readonly [string, string] {
  return [`${cid} IS NULL`, `${cid} COLLATE BINARY IN (${NO_CID})`];
}
