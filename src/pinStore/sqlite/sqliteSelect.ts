import type { PinField, PinShape } from '../../pin/columnNames';
import { MOST_DETAILS } from '../../pin/pinTable';
import { shapeOf } from '../../pin/columnNames';
import type { ClassAnswers, JoinedContents } from '../../pin/joinedContents';
import type { GroupKey, PinFilter, PinQuery, PinSelection, SortKey } from '../../pin/pinQuery';
import { MOST_ALIKE } from '../../pin/soughtPin';
import { isJoinKey, MOST_GROUPS } from '../../pin/pinQuery';
import { searchTerms, USUAL_STARTS } from '../../pin/searchTerms';
import type { Standing } from '../../pin/standing';
import { STANDING, STANDING_OF_STATUS } from '../../pin/standing';
import type { StatusTerm } from '../../pin/filterWords';
import { factConditions } from './sqliteFacts';
import {
  cutCid,
  cutValue,
  folderOf,
  handedOver,
  isExactly,
  isHandedOverAs,
  isNoPin,
  isPin,
  metadataName,
  metadataSize,
  metadataText,
  monthOf,
  namesTextOf,
  quoted,
  shownTextOf,
  sizeBytes,
  timeMs,
  typeTextOf,
  wholeTextOf,
} from './sqliteExpressions';

/*
 * One statement of each shape. Here, cutValue("name") and the like are the expressions that sqliteExpressions.ts makes for a column, and PIN is
 * the condition that a row has a CID. `sqliteStatements.test.ts` compares these statements with the generated ones.
 *
 * A page in the order of the table:
 *   SELECT cutCid("cid") AS "cid", cutValue("name") AS "name", cutValue("pin_type") AS "pin_type" FROM "pins" WHERE PIN ORDER BY rowid LIMIT 200 OFFSET 0
 * A sorted page of a table: row numbers are sorted, and the rows of the page fetched by them:
 *   SELECT cutCid("cid") AS "cid", cutValue("name") AS "name", cutValue("pin_type") AS "pin_type" FROM (SELECT rowid AS place, row_number() OVER () AS place_rank FROM (SELECT rowid FROM "pins" WHERE PIN ORDER BY pin_order(wholeTextOf("name")) NULLS LAST, rowid LIMIT 200 OFFSET 0)) CROSS JOIN "pins" ON "pins".rowid = place ORDER BY place_rank
 * A sorted page of a view, whose rows have no numbers:
 *   SELECT cutCid("cid") AS "cid", cutValue("name") AS "name", cutValue("pin_type") AS "pin_type" FROM (SELECT *, row_number() OVER () AS place FROM "pins") WHERE PIN ORDER BY pin_order(wholeTextOf("name")) NULLS LAST, place LIMIT 200 OFFSET 0
 * A page of pin_cache, which has a row for each backend of a pin:
 *   SELECT cutCid("cid") AS "cid", cutValue("replicas") AS "replicas", cutValue("backend") AS "backend" FROM (SELECT "cid" AS cid, group_concat(shownTextOf("backend"), ', ' ORDER BY shownTextOf("backend")) AS backend, count(*) AS replicas, min(rowid) AS first_row FROM "pin_cache" WHERE isPin("cid") GROUP BY "cid" COLLATE BINARY) ORDER BY first_row COLLATE BINARY LIMIT 200 OFFSET 0
 * The number of all pins:
 *   SELECT (SELECT count(*) FROM "pins") - (SELECT count(*) FROM "pins" WHERE "cid" IS NULL) - (SELECT count(*) FROM "pins" WHERE "cid" COLLATE BINARY IN ('', x'', x'efbbbf')) AS total
 * The number of pins that a filter finds:
 *   SELECT count(*) AS total FROM "pins" WHERE PIN AND (instr(lower(wholeTextOf("name")), ?1) > 0 OR instr(lower(wholeTextOf("cid")), ?1) > 0)
 * The sizes of all pins together, in a table without sizes:
 *   SELECT total AS count, 0 AS sized FROM (SELECT (SELECT count(*) FROM "pins") - (SELECT count(*) FROM "pins" WHERE "cid" IS NULL) - (SELECT count(*) FROM "pins" WHERE "cid" COLLATE BINARY IN ('', x'', x'efbbbf')) AS total)
 * The groups of a table:
 *   SELECT handedOver(rows.key) AS key, count(*) AS count, 0 AS sized FROM (SELECT shownTextOf("pin_type") AS key, NULL AS size FROM "pins" WHERE PIN) AS rows GROUP BY rows.key LIMIT 1048577
 * How many pins there are at most:
 *   SELECT (SELECT max(rowid) FROM "pins") - (SELECT min(rowid) FROM "pins") + 1 AS rows
 * All columns of a pin:
 *   SELECT cutValue("cid") AS c0, cutValue("name") AS c1, cutValue("pin_type") AS c2 FROM "pins" WHERE "cid" COLLATE BINARY = ?1 LIMIT 20
 */

/** A table with pins, and how to query it. Built from the schema of the database, never from a fixed list of columns. */
export interface PinSource {
  /** The name of the table. */
  readonly name: string;
  readonly kind: string;
  /** All columns of the table. */
  readonly columns: readonly string[];
  /** The column with the CID. */
  readonly cid: string;
  readonly shape: PinShape;
  /** What follows FROM. */
  readonly from: string;
  /** What follows FROM in a sorted statement: the rows of `from`. Those of a view are numbered as they come, since a sort would lose that order. */
  readonly orderedFrom: string;
  /** ORDER BY for the order of the source; empty for a view, whose rows are shown as they come. */
  readonly order: readonly string[];
  /** ORDER BY for rows whose sort keys are equal: the order of the source again, in terms of `orderedFrom`. */
  readonly tieOrder: readonly string[];
  /** A name for the row number that no column of the table has; undefined where rows have no number by which they could be fetched. */
  readonly place?: string;
  /** True where texts are compared by their UTF-8 bytes, which is by code point. False in a UTF-16 database. */
  readonly isUtf8: boolean;
  /** True where rows without a CID are left out by `from`. */
  readonly holdsPinsOnly: boolean;
  /** What is known of its contents in other lists, while it is joined with these. */
  readonly joined?: JoinedContents | undefined;
}

export interface ColumnInfo {
  readonly name: string;
  /** 1 for the first column of the primary key, and so on; 0 if the column is not part of it. */
  readonly keyPosition: number;
}

export interface TableInfo {
  readonly name: string;
  /** `table`, `view`, `virtual`. */
  readonly kind: string;
  readonly columns: readonly ColumnInfo[];
  readonly withoutRowid: boolean;
}

export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | number | null)[];
}

export const PIN_TABLES = ['pins', 'enhanced_pins', 'pin_cache'];

/** The first of the known tables that has a CID column. */
export function choosePinSource(tables: readonly TableInfo[], isUtf8: boolean): PinSource | undefined {
  for (const wanted of PIN_TABLES) {
    const found = tables.find(({ name }) => name.toLowerCase() === wanted);
    const source = found && (wanted === 'pin_cache' ? cacheSource(found, isUtf8) : tableSource(found, isUtf8));
    if (source) return source;
  }
  return undefined;
}

function tableSource({ name, kind, columns, withoutRowid }: TableInfo, isUtf8: boolean): PinSource | undefined {
  const names = columns.map((column) => column.name);
  const shape = shapeOf(names);
  if (!shape) return undefined;
  const from = quoted(name);
  const source = { name, kind, columns: names, cid: shape.columns.get('cid') ?? '', shape, from, isUtf8, holdsPinsOnly: false };
  const rowid = freeRowid(columns);
  if (withoutRowid) {
    const key = columns.filter(({ keyPosition }) => keyPosition > 0).sort((a, b) => a.keyPosition - b.keyPosition);
    const order = key.map((column) => quoted(column.name));
    return { ...source, orderedFrom: from, order, tieOrder: order };
  }
  const place = freeName('place', columns);
  if (kind !== 'view' && rowid !== undefined) return { ...source, orderedFrom: from, order: [rowid], tieOrder: [rowid], place };
  // The only order of a view is that in which its rows are returned, which a sort would lose.
  return {
    ...source,
    orderedFrom: `(SELECT *, row_number() OVER () AS ${place} FROM ${from})`,
    order: [],
    tieOrder: [place],
  };
}

/** A name of the row number that no column has taken. */
function freeRowid(columns: readonly ColumnInfo[]): string | undefined {
  return ['rowid', '_rowid_', 'oid'].find((alias) => !isTaken(alias, columns));
}

/** The name must also be free with `_rank` appended. */
function freeName(wanted: string, columns: readonly ColumnInfo[]): string {
  let name = wanted;
  while (isTaken(name, columns) || isTaken(`${name}_rank`, columns)) name += '_';
  return name;
}

function isTaken(wanted: string, columns: readonly ColumnInfo[]): boolean {
  return columns.some(({ name }) => name.toLowerCase() === wanted);
}

/** `pin_cache` has a row for each backend that holds a pin; they are shown as one pin, with its backends and their number, in the order of the first rows. */
function cacheSource({ name: table, kind, columns, withoutRowid }: TableInfo, isUtf8: boolean): PinSource | undefined {
  const column = (wanted: string): string | undefined => {
    const found = columns.find(({ name }) => name.toLowerCase() === wanted);
    return found && quoted(found.name);
  };
  const cid = column('cid');
  if (cid === undefined) return undefined;
  const [name, metadata, size, time, backend] = ['name', 'metadata', 'size_bytes', 'created_at', 'backend'].map(column);
  const fields = new Map([['cid', cid]]);
  const names = either(name && wholeTextOf(name), metadata && metadataName(metadata));
  if (names !== undefined) fields.set('name', `min(${names})`);
  const sizes = either(size && sizeBytes(size), metadata && metadataSize(metadata));
  if (sizes !== undefined) fields.set('size_bytes', `max(${sizes})`);
  if (time !== undefined) fields.set('created_at', asTime(`min(${timeMs(time)})`));
  if (backend !== undefined)
    fields.set('backend', `group_concat(${shownTextOf(backend)}, ', ' ORDER BY ${shownTextOf(backend)})`);
  fields.set('replicas', 'count(*)');
  const shape = shapeOf([...fields.keys()]);
  if (!shape) return undefined;
  const rowid = kind === 'view' || withoutRowid ? undefined : freeRowid(columns);
  const first = rowid === undefined ? cid : `min(${rowid})`;
  const selected = [...fields, ['first_row', first]].map(([as = '', expression = '']) => `${expression} AS ${as}`);
  const from = `(SELECT ${selected.join(', ')} FROM ${quoted(table)} WHERE ${isPin(cid)} GROUP BY ${cid} COLLATE BINARY)`;
  const order = ['first_row COLLATE BINARY'];
  return {
    name: table,
    kind,
    columns: columns.map(({ name: each }) => each),
    cid: columns.find(({ name: each }) => each.toLowerCase() === 'cid')?.name ?? '',
    shape,
    from,
    orderedFrom: from,
    order,
    tieOrder: order,
    isUtf8,
    holdsPinsOnly: true,
  };
}

/** Milliseconds in a form that timeMsOf reads correctly: it takes a number below 10^11 for seconds. */
function asTime(ms: string): string {
  return `CASE WHEN ${ms} >= 1e11 THEN ${ms} ELSE ${ms} / 1000.0 END`;
}

function either(first: string | undefined, second: string | undefined): string | undefined {
  return first === undefined ? second : second === undefined ? first : `coalesce(${first}, ${second})`;
}

export function pageStatement(source: PinSource, query: PinQuery): Statement {
  const { sort, within, offset = 0, limit = 0 } = query;
  const group = within === undefined ? query.group : undefined;
  const { place, order: plainOrder, from, orderedFrom, tieOrder } = source;
  const [rowid] = plainOrder;
  const { sql: condition, values } = where(source, query);
  const page = `LIMIT ${limit} OFFSET ${offset}`;
  const keys = [...(group ? groupOrder(source, group) : []), ...(sort ? sortOrder(source, sort) : [])].map(inOrder);
  if (keys.length === 0) {
    const order = plainOrder.length > 0 ? `ORDER BY ${plainOrder.join(', ')}` : '';
    return { sql: `SELECT ${selection(source)} FROM ${from} ${condition} ${order} ${page}`, values };
  }
  const ordered = `${condition} ORDER BY ${[...keys, ...tieOrder].join(', ')} ${page}`;
  if (place === undefined || rowid === undefined)
    return { sql: `SELECT ${selection(source)} FROM ${orderedFrom} ${ordered}`, values };
  // Sorts row numbers, then fetches the rows of the page by them: for a million rows this takes half the time of sorting all shown columns.
  const numbers = `(SELECT ${rowid} AS ${place}, row_number() OVER () AS ${place}_rank FROM (SELECT ${rowid} FROM ${from} ${ordered}))`;
  return {
    sql: `SELECT ${selection(source)} FROM ${numbers} CROSS JOIN ${from} ON ${from}.${rowid} = ${place} ORDER BY ${place}_rank`,
    values,
  };
}

/** The pins with this CID in the order of the source. `byIndex`: those that an index finds, which may be too few where the column holds other than texts. */
export function alikeStatement(source: PinSource, cid: string, byIndex: boolean): Statement {
  const { sql, values } = alike(source, cid, byIndex, []);
  return { sql: `SELECT ${selection(source)} ${sql} LIMIT ${MOST_ALIKE}`, values };
}

/**
 * Columns `before`, the number of pins of the query before the pin at index `at` of alikeStatement, and `found`, 1 where that pin is among them. The rows are
 * counted, not sorted: the page with the pin has to be sorted anyway, and this takes a fraction of that. With a limit, the keys of a row are computed only
 * once: without one, SQLite would put their expressions in place of their names.
 */
export function rankStatement(source: PinSource, cid: string, byIndex: boolean, at: number, query: PinQuery): Statement {
  const ties = source.tieOrder.map((of): OrderKey => ({ of, descending: false }));
  const keys = [...(query.sort ? sortOrder(source, query.sort) : []), ...ties];
  const selected = keys.map(({ of }, index) => `${of} AS k${index}`).join(', ');
  const listed = where(source, query);
  const target = alike(source, cid, byIndex, listed.values);
  const isSame = (index: number): string => `listed.k${index} IS target.k${index}`;
  const isBefore = ({ descending }: OrderKey, index: number): string =>
    `coalesce(listed.k${index} ${descending ? '>' : '<'} target.k${index}, listed.k${index} IS NOT NULL AND target.k${index} IS NULL)`;
  const comes = keys.reduceRight((rest, key, index) => `${isBefore(key, index)} OR (${isSame(index)} AND (${rest}))`, '0');
  const found = keys.map((_key, index) => isSame(index)).join(' AND ');
  return {
    sql: `SELECT sum(${comes}) AS before, max(${found}) AS found
      FROM (SELECT ${selected} FROM ${source.orderedFrom} ${listed.sql} LIMIT -1) AS listed CROSS JOIN (SELECT ${selected} ${target.sql} LIMIT 1 OFFSET ${at}) AS target`,
    values: target.values,
  };
}

/** What follows the columns of a statement about the pins with a CID. `before`: the values of the statement so far. */
function alike(source: PinSource, cid: string, byIndex: boolean, before: Statement['values']): Statement {
  const x = field(source, 'cid') ?? 'NULL';
  const value = `?${before.length + 1}`;
  const condition = byIndex ? isExactly(x, value) : `${shownTextOf(x)} IS ${value}`;
  return {
    sql: `FROM ${source.orderedFrom} WHERE ${condition} ORDER BY ${source.tieOrder.join(', ')}`,
    values: [...before, cid],
  };
}

export function countStatement(source: PinSource, of: PinSelection): Statement {
  const { filter, within } = of;
  const cid = field(source, 'cid');
  if (cid !== undefined && !source.holdsPinsOnly && within === undefined && (filter === undefined || filter === '')) {
    // A bare count(*) reads no rows, and rows without a CID are found by the index on it: 8 times faster than reading each row.
    const count = (condition = ''): string => `(SELECT count(*) FROM ${source.from}${condition})`;
    return {
      sql: `SELECT ${[count(), ...isNoPin(cid).map((none) => count(` WHERE ${none}`))].join(' - ')} AS total`,
      values: [],
    };
  }
  const { sql, values } = where(source, of);
  return { sql: `SELECT count(*) AS total FROM ${source.from} ${sql}`, values };
}

/**
 * Columns `key`, `count`, `sized`: the number of rows with a known size, and the sum of sizes in two parts, `high` × 2^32 + `low`: a single sum could exceed
 * 2^63, which is an error.
 */
export function groupsStatement(source: PinSource, key: GroupKey, { filter, fuzzy }: PinFilter): Statement {
  const { sql, values } = where(source, { filter, fuzzy });
  const rows = `SELECT ${groupOf(source, key) ?? 'NULL'} AS key, ${sizeOfRow(source) ?? 'NULL'} AS size FROM ${source.from} ${sql}`;
  return {
    sql: `SELECT ${handedOver('rows.key')} AS key, ${sums(source)} FROM (${rows}) AS rows GROUP BY rows.key LIMIT ${MOST_GROUPS + 1}`,
    values,
  };
}

/** The rows that totalStatement adds up: some 50 ms of work. */
export const ROWS_A_TOTAL = 65_536;

/**
 * The columns of groupsStatement without `key`, for the rows of a selection: for ROWS_A_TOTAL of them after the row number `after`, the last of which is in
 * the column `last`, where rows have numbers; else for all.
 */
export function totalStatement(source: PinSource, of: PinSelection, after?: string): Statement {
  const size = sizeOfRow(source);
  if (size === undefined) {
    const { sql, values } = countStatement(source, of);
    return { sql: `SELECT total AS count, 0 AS sized FROM (${sql})`, values };
  }
  const { sql, values } = where(source, of);
  const [rowid] = source.order;
  if (source.place === undefined || rowid === undefined)
    return { sql: `SELECT ${sums(source)} FROM (SELECT ${size} AS size FROM ${source.from} ${sql})`, values };
  const later =
    after === undefined ? sql : `${sql === '' ? 'WHERE' : `${sql} AND`} ${rowid} > CAST(?${values.length + 1} AS INTEGER)`;
  const rows = `SELECT ${rowid} AS place, ${size} AS size FROM ${source.from} ${later} ORDER BY ${rowid} LIMIT ${ROWS_A_TOTAL}`;
  return {
    sql: `SELECT max(place) AS last, ${sums(source)} FROM (${rows})`,
    values: after === undefined ? values : [...values, after],
  };
}

function sums(source: PinSource): string {
  const ofSizes =
    sizeOfRow(source) === undefined ? '0 AS sized' : `count(size) AS sized, sum(${HIGH}) AS high, sum(${LOW}) AS low`;
  return `count(*) AS count, ${ofSizes}`;
}

/** The upper 32 bits of a size and the lower ones. A real size is divided, because bits are those of integers. */
const HIGH = "CASE typeof(size) WHEN 'real' THEN CAST(size / 4294967296.0 AS INTEGER) ELSE size >> 32 END";
const LOW = `CASE typeof(size) WHEN 'real' THEN CAST(size - ${HIGH} * 4294967296.0 AS INTEGER) ELSE size & 4294967295 END`;

/**
 * A number of rows that the table doesn't have more of, in a few steps of SQLite: what the row numbers span, or, where rows have no numbers, the rows that it
 * has of the first `most`.
 */
export function atMostStatement({ name, order, place }: PinSource, most: number): Statement {
  const table = quoted(name);
  const [rowid] = order;
  const sql =
    place === undefined || rowid === undefined
      ? `SELECT count(*) AS rows FROM (SELECT 1 FROM ${table} LIMIT ${most})`
      : `SELECT (SELECT max(${rowid}) FROM ${table}) - (SELECT min(${rowid}) FROM ${table}) + 1 AS rows`;
  return { sql, values: [] };
}

/** Hands the CID of every pin to the visitor of pin_visit; a row of its result is a pause. `without`: what a pin without a status is. */
export function contentsStatement(source: PinSource, without: Standing): Statement {
  const status = groupOf(source, 'status');
  const words = Object.entries(STANDING_OF_STATUS).map(([word, standing]) => `WHEN '${word}' THEN ${standing}`);
  const standing =
    status === undefined
      ? without
      : `CASE WHEN ${status} IS NULL THEN ${without} ELSE CASE lower(${status}) ${words.join(' ')} ELSE ${STANDING.unknown} END END`;
  // Without any other column, so that an index on the CID answers it, as it does for countStatement.
  const cid = field(source, 'cid') ?? 'NULL';
  const visit = `CASE pin_visit(${cid}, ${standing}, 0) WHEN 1 THEN 1 WHEN 2 THEN pin_visit(${shownTextOf(cid)}, ${standing}, 1) END`;
  return { sql: `SELECT 1 FROM ${source.from} WHERE ${visit}`, values: [] };
}

/** The rows of a CID with all their columns, `c0` and so on: as an index finds them, and as a pin shows them. */
export function detailsStatements({ name, columns, cid }: PinSource, wanted: string): readonly Statement[] {
  const all = columns.map((column, at) => `${cutValue(quoted(column))} AS c${at}`).join(', ');
  const x = quoted(cid);
  return [isExactly(x, '?1'), `${shownTextOf(x)} IS ?1`].map((condition) => ({
    sql: `SELECT ${all} FROM ${quoted(name)} WHERE ${condition} LIMIT ${MOST_DETAILS}`,
    values: [wanted],
  }));
}

function selection({ shape }: PinSource): string {
  const cut = [...shape.columns].map(([field, column]) => {
    const x = quoted(column);
    return `${field === 'cid' ? cutCid(x) : cutValue(x)} AS ${x}`;
  });
  if (shape.metadata !== undefined) cut.push(`${metadataText(quoted(shape.metadata))} AS ${quoted(shape.metadata)}`);
  return cut.join(', ');
}

function where(source: PinSource, { filter, fuzzy = false, group, within }: PinSelection): Statement {
  const cid = field(source, 'cid') ?? 'NULL';
  const conditions = source.holdsPinsOnly ? [] : [`CASE WHEN ${isPin(cid)} THEN 1 ELSE ${lookedAt(source)} END`];
  const values: (string | number | null)[] = [];
  const { text: wanted, cids, status, facts, join } = searchTerms(filter ?? '');
  const path = field(source, 'vfsPath');
  const searched = [nameOf(source), path && wholeTextOf(path)].filter((text) => text !== undefined);
  const cidText = wholeTextOf(cid);
  if (wanted !== '') {
    const texts = fuzzy ? searched : [...searched, cidText];
    if (texts.length > 0) values.push(wanted); // a value that no parameter uses is an error
    const hits = texts.map((text) =>
      fuzzy ? `pin_fuzzy(${handedOver(text)}, ${handedOver('?1')})` : `instr(lower(${text}), ?1) > 0`,
    );
    conditions.push(hits.length > 0 ? `(${hits.join(' OR ')})` : '0');
  }
  for (const { texts, v1, isUnwanted } of cids) {
    const isUsual = `substr(${cidText}, 1, 1) IN (${USUAL_STARTS.map((start) => `'${start}'`).join(', ')})`;
    const isOther = `CASE WHEN ${isUsual} THEN 0 ELSE pin_spells_cid(${cidText}, ?${values.push(v1)}) END`;
    const numbers = texts.map((text) => values.push(text));
    const holds = [...searched, cidText].flatMap((text) => numbers.map((at) => `instr(lower(${text}), ?${at}) > 0`));
    conditions.push(`coalesce(${[...holds, isOther].join(' OR ')}, 0) = ${isUnwanted ? 0 : 1}`);
  }
  const begins = ({ begins: word }: StatusTerm): string =>
    `instr(lower(${groupOf(source, 'status') ?? 'NULL'}), ?${values.push(word)})`;
  const [wantedStatus, unwanted] = [status.filter(({ isUnwanted }) => !isUnwanted), status.filter((term) => term.isUnwanted)];
  if (wantedStatus.length > 0) conditions.push(`(${wantedStatus.map((term) => `${begins(term)} = 1`).join(' OR ')})`);
  conditions.push(...unwanted.map((term) => `${begins(term)} <> 1`));
  conditions.push(...factConditions(source.shape, facts, (value) => `?${values.push(value)}`));
  if (join.length > 0) conditions.push(source.joined ? `${joinedOf(source, source.joined.fits(join))} = 1` : '0');
  if (isJoinKey(group) && within !== undefined) {
    const rank = within.key === undefined ? 'NULL' : keysOf(source, group)?.indexOf(within.key);
    conditions.push(rank === -1 || rank === undefined ? '0' : `${groupOf(source, group) ?? 'NULL'} IS ${rank}`);
  } else if (group !== undefined && within !== undefined) {
    values.push(within.key ?? null);
    conditions.push(isHandedOverAs(groupOf(source, group) ?? 'NULL', `?${values.length}`, within.key));
  }
  return { sql: conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '', values };
}

/** False, except for a row whose columns point outside it: a row that lost its CID to damage must be reported as damage, not left out. */
function lookedAt({ shape }: PinSource): string {
  return `${[...shape.columns.values()].map((column) => `octet_length(${quoted(column)})`).join(' + ')} < 0`;
}

function field({ shape }: PinSource, wanted: PinField): string | undefined {
  const column = shape.columns.get(wanted);
  return column === undefined ? undefined : quoted(column);
}

function nameOf(source: PinSource): string | undefined {
  const { metadata } = source.shape;
  const name = field(source, 'name');
  return either(name && wholeTextOf(name), metadata && metadataName(quoted(metadata)));
}

function sizeOfRow(source: PinSource): string | undefined {
  const { metadata } = source.shape;
  const size = field(source, 'sizeBytes');
  return either(size && sizeBytes(size), metadata && metadataSize(quoted(metadata)));
}

/** What the joined lists say of the content of a row, a whole number; NULL for nothing. */
function joinedOf(source: PinSource, { at }: ClassAnswers): string {
  return `pin_joined(${shownTextOf(field(source, 'cid') ?? 'NULL')}, ${at})`;
}

/** The keys of groups of which SQL has the indexes; undefined where it has the keys themselves. */
export function keysOf({ joined }: PinSource, key: GroupKey): readonly string[] | undefined {
  return isJoinKey(key) ? joined?.groups(key).keys : undefined;
}

function groupOf(source: PinSource, key: GroupKey): string | undefined {
  const of = (wanted: PinField, text: (x: string) => string): string | undefined => {
    const column = field(source, wanted);
    return column && text(column);
  };
  switch (key) {
    case 'copies':
    case 'source':
      return source.joined && joinedOf(source, source.joined.groups(key));
    case 'type':
      return of('type', (x) => typeTextOf(x, x.toLowerCase() === '"recursive"'));
    case 'status':
      return of('status', shownTextOf);
    case 'tier':
      return of('tier', namesTextOf);
    case 'backend':
      return of('backend', namesTextOf);
    case 'month':
      return of('pinnedAt', monthOf);
    case 'folder':
      return of('vfsPath', folderOf);
  }
}

/** What rows are ordered by. Rows without a value come last. */
interface OrderKey {
  readonly of: string;
  readonly descending: boolean;
}

function groupOrder(source: PinSource, group: GroupKey): OrderKey[] {
  const key = groupOf(source, group);
  if (key === undefined) return [];
  if (isJoinKey(group)) return orderBy(key, false);
  return [...orderBy(`pin_order(${key})`, false), ...orderBy(source.isUtf8 ? key : `pin_bytes(${handedOver(key)})`, false)];
}

function sortOrder(source: PinSource, sort: SortKey): OrderKey[] {
  const descending = sort.startsWith('-');
  switch (sort) {
    case 'copies':
    case '-copies':
      return orderBy(source.joined && joinedOf(source, source.joined.copies()), descending);
    case 'name':
    case '-name': {
      const name = nameOf(source);
      return orderBy(name && `pin_order(${name})`, descending);
    }
    case 'size':
    case '-size':
      return orderBy(sizeOfRow(source), descending);
    case 'time':
    case '-time': {
      const time = field(source, 'pinnedAt');
      return orderBy(time && timeMs(time), descending);
    }
  }
}

function orderBy(expression: string | undefined, descending: boolean): OrderKey[] {
  return expression === undefined ? [] : [{ of: expression, descending }];
}

function inOrder({ of, descending }: OrderKey): string {
  return `${of}${descending ? ' DESC' : ''} NULLS LAST`;
}
