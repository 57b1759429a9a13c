import { groupKeyOf } from '../pin/groupKey';
import type { Pin } from '../pin/pin';
import { MAX_TEXT } from '../pin/pin';
import type { PinField, PinShape } from '../pin/pinRecord';
import { shapeOf, sizeOf, textOf, timeMsOf, timeOf } from '../pin/pinRecord';
import type { GroupKey, PinQuery, SortKey } from '../pin/pinQuery';
import { foldAscii } from '../pin/pinQuery';

/** A table with pins, and how to ask it. Built from what the database says of itself, never from a fixed list of columns. */
export interface PinSource {
  readonly table: string;
  readonly shape: PinShape;
  /** What follows FROM. */
  readonly from: string;
  /** Orders rows as the source has them; undefined where it has no order of its own. */
  readonly order?: string;
}

export interface TableInfo {
  readonly name: string;
  readonly kind: string;
  readonly columns: readonly string[];
  readonly withoutRowid: boolean;
}

export const PIN_TABLES = ['pins', 'enhanced_pins', 'pin_cache'];

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The first of the known tables that has a CID column. */
export function choosePinSource(tables: readonly TableInfo[]): PinSource | undefined {
  for (const wanted of PIN_TABLES) {
    const found = tables.find(({ name }) => name.toLowerCase() === wanted);
    const source = found && (wanted === 'pin_cache' ? cacheSource(found) : tableSource(found));
    if (source) return source;
  }
  return undefined;
}

function tableSource({ name, kind, columns, withoutRowid }: TableInfo): PinSource | undefined {
  const shape = shapeOf(columns);
  if (!shape) return undefined;
  const taken = new Set(columns.map((column) => column.toLowerCase()));
  const rowid = kind === 'table' && !withoutRowid ? ['rowid', '_rowid_', 'oid'].find((alias) => !taken.has(alias)) : undefined;
  return { table: name, shape, from: quoted(name), ...(rowid !== undefined && { order: rowid }) };
}

/** pin_cache has a row for each backend that holds a pin: one pin of them, with its backends and their number. */
function cacheSource({ name, columns }: TableInfo): PinSource | undefined {
  const column = (wanted: string): string | undefined => columns.find((each) => each.toLowerCase() === wanted);
  const cid = column('cid');
  if (cid === undefined) return undefined;
  const pick = (wanted: string, how: (quotedName: string) => string): string[] => {
    const found = column(wanted);
    return found === undefined ? [] : [`${how(quoted(found))} AS ${wanted}`];
  };
  const parts = [
    `${quoted(cid)} AS cid`,
    ...pick('backend', (each) => `group_concat(substr(${each}, 1, 200), ', ' ORDER BY ${each})`),
    ...pick('created_at', (each) => `min(${each})`),
    ...pick('size_bytes', (each) => `max(${each})`),
    ...pick('metadata', (each) => `max(${each})`),
    'count(*) AS replicas',
    'min(_rowid_) AS first_row',
  ];
  const names = [
    'cid',
    'replicas',
    ...['backend', 'created_at', 'size_bytes', 'metadata'].filter((each) => column(each) !== undefined),
  ];
  const shape = shapeOf(names);
  return (
    shape && {
      table: name,
      shape,
      from: `(SELECT ${parts.join(', ')} FROM ${quoted(name)} GROUP BY ${quoted(cid)})`,
      order: 'first_row',
    }
  );
}

/** Functions that SQL calls: what they say of a value is what every other table says of it. */
export const SQL_FUNCTIONS: Record<string, (value: unknown, second?: unknown) => string | number | null> = {
  pin_time: (value) => timeMsOf(value) ?? null,
  pin_size: (value) => {
    const size = sizeOf(value);
    return size === undefined ? null : Number(size);
  },
  pin_group: (value, key) => groupKeyOf(pinWith(key as GroupKey, value), key as GroupKey) ?? null,
  pin_meta: (value) => metadataName(value) ?? null,
};

const FIELD_OF_GROUP: Record<GroupKey, PinField> = {
  type: 'type',
  tier: 'tier',
  backend: 'backend',
  month: 'pinnedAt',
  folder: 'vfsPath',
};

function pinWith(key: GroupKey, value: unknown): Pin {
  const field = FIELD_OF_GROUP[key];
  const text = field === 'pinnedAt' ? timeOf(value) : textOf(value);
  return { cid: '', ...(text !== undefined && { [field]: text }) };
}

function metadataName(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 65_536) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && 'name' in parsed ? textOf(parsed.name) : undefined;
  } catch {
    return undefined;
  }
}

/** Without these a row is no pin. */
function where(source: PinSource, filter: string | undefined): { sql: string; values: string[] } {
  const cid = field(source, 'cid');
  const isPin = `${cid} NOT IN ('', x'')`; // not true of NULL either
  if (filter === undefined || filter === '') return { sql: isPin, values: [] };
  const searched = [cid, nameOf(source), field(source, 'vfsPath')].filter((each) => each !== undefined);
  const hits = searched.map((each) => `instr(lower(${each}), ?1) > 0`);
  return { sql: `${isPin} AND (${hits.join(' OR ')})`, values: [foldAscii(filter)] };
}

export interface Statement {
  readonly sql: string;
  readonly values: (string | number)[];
}

export function pageStatement(source: PinSource, { filter, sort, group, offset = 0, limit = 0 }: PinQuery): Statement {
  const { sql, values } = where(source, filter);
  const order = [
    ...(group ? orderBy(groupOf(source, group), false) : []),
    ...(sort ? sortOrder(source, sort) : []),
    ...(source.order === undefined ? [] : [source.order]),
  ];
  const columns = [...source.shape.columns.values(), ...(source.shape.metadata === undefined ? [] : [source.shape.metadata])];
  const cut = columns.map((column) => cutColumn(column, column === source.shape.metadata ? 65_537 : MAX_TEXT + 1));
  return {
    sql: `SELECT ${cut.join(', ')} FROM ${source.from} WHERE ${sql}${order.length > 0 ? ` ORDER BY ${order.join(', ')}` : ''} LIMIT ${limit} OFFSET ${offset}`,
    values,
  };
}

export function countStatement(source: PinSource, filter: string | undefined): Statement {
  const { sql, values } = where(source, filter);
  if (filter !== undefined && filter !== '') return { sql: `SELECT count(*) AS total FROM ${source.from} WHERE ${sql}`, values };
  // A bare count(*) reads no rows, and rows without a CID are found by the index on it: 8 times sooner than looking at each.
  const cid = field(source, 'cid') ?? 'NULL';
  const count = (condition: string): string => `(SELECT count(*) FROM ${source.from}${condition})`;
  return {
    sql: `SELECT ${count('')} - ${count(` WHERE ${cid} IS NULL`)} - ${count(` WHERE ${cid} IN ('', x'')`)} AS total`,
    values,
  };
}

/** Sums in two halves: an int64 sum of sizes may overflow, which SQLite answers with an error. */
export function groupsStatement(source: PinSource, key: GroupKey, filter: string | undefined): Statement {
  const { sql, values } = where(source, filter);
  const group = groupOf(source, key) ?? 'NULL';
  const size = `CAST(${sizeOfRow(source) ?? '0'} AS INTEGER)`;
  return {
    sql: `SELECT ${group} AS grp, count(*) AS count, sum(${size} >> 20) AS high, sum(${size} & 1048575) AS low FROM ${source.from} WHERE ${sql} GROUP BY grp ORDER BY grp IS NULL, grp`,
    values,
  };
}

/** Long text stays in the database: a name may have any length. As bytes, since SQLite's text functions end at a NUL. */
function cutColumn(name: string, characters: number): string {
  const column = quoted(name);
  return `CASE WHEN typeof(${column}) IN ('text', 'blob') THEN substr(CAST(${column} AS BLOB), 1, ${4 * characters}) ELSE ${column} END AS ${column}`;
}

function field({ shape }: PinSource, wanted: PinField): string | undefined {
  const column = shape.columns.get(wanted);
  return column === undefined ? undefined : quoted(column);
}

function nameOf(source: PinSource): string | undefined {
  const name = field(source, 'name');
  const inMetadata = source.shape.metadata === undefined ? undefined : `pin_meta(${quoted(source.shape.metadata)})`;
  return name === undefined
    ? inMetadata
    : inMetadata === undefined
      ? `nullif(${name}, '')`
      : `coalesce(nullif(${name}, ''), ${inMetadata})`;
}

function groupOf(source: PinSource, key: GroupKey): string | undefined {
  const column = field(source, FIELD_OF_GROUP[key]);
  return column === undefined ? undefined : `pin_group(${column}, '${key}')`;
}

/** Whole numbers as they are, past 2^53 too; anything else by its meaning. */
function sizeOfRow(source: PinSource): string | undefined {
  const size = field(source, 'sizeBytes');
  return size === undefined
    ? undefined
    : `CASE typeof(${size}) WHEN 'integer' THEN CASE WHEN ${size} > 0 THEN ${size} END ELSE pin_size(${size}) END`;
}

function sortOrder(source: PinSource, sort: SortKey): string[] {
  const descending = sort.startsWith('-');
  switch (sort) {
    case 'name':
    case '-name': {
      const name = nameOf(source);
      return orderBy(name === undefined ? undefined : `lower(${name})`, descending);
    }
    case 'size':
    case '-size':
      return orderBy(sizeOfRow(source), descending);
    case 'time':
    case '-time': {
      const time = field(source, 'pinnedAt');
      return orderBy(time === undefined ? undefined : `pin_time(${time})`, descending);
    }
  }
}

function orderBy(expression: string | undefined, descending: boolean): string[] {
  return expression === undefined ? [] : [`${expression}${descending ? ' DESC' : ''} NULLS LAST`];
}
