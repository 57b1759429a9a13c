import { IpfsKitError } from '../ipfsKitError';
import type { ColumnSource } from '../pin/columnSource';
import type { Pin } from '../pin/pin';
import { metadataOf, rawTextOf, shapeOf, toPin } from '../pin/pinRecord';
import type { PinField, PinShape } from '../pin/pinRecord';
import { fuzzyCharacters, matchesFuzzily } from '../pin/fuzzyMatch';
import type { PinFilter, PinQuery, PinSelection } from '../pin/pinQuery';
import { checkQuery, foldAscii } from '../pin/pinQuery';
import type { PinTable } from '../pin/pinTable';
import { groupKeys, groupPins, orderRows } from './columnarOrder';
import type { PinColumns, Rows, SearchedField } from './pinColumns';
import { FUZZY, SEARCHED } from './pinColumns';
import { forEachIndex, pause } from './stepByStep';
import { needleBytes } from './textSearch';

/** Throws `malformed` where there is no CID column. */
export function columnarTable(source: ColumnSource, detail: string): PinTable {
  const shape = shapeOf(source.names);
  if (!shape)
    throw new IpfsKitError(
      'malformed',
      `The list has no "cid" column (${source.names.slice(0, 10).join(', ').slice(0, 200) || 'no columns at all'}).`,
    );
  const columns = readColumns(source, shape);
  let pinRows: Rows;
  let found: { readonly filter: string; readonly fuzzy: boolean; readonly rows: Rows } | undefined;
  let inside: { readonly of: Rows; readonly group: string; readonly rows: Rows } | undefined;
  let ordered: { readonly of: Rows; readonly key: string; readonly rows: Rows } | undefined;

  const pins = async (signal: AbortSignal): Promise<Rows> => {
    if (source.isFull?.(shape.columns.get('cid') ?? '')) return undefined;
    return (pinRows ??= await select(undefined, source.rows, (row) => columns.text('cid', row) !== undefined, signal));
  };

  const matching = async ({ filter, fuzzy = false }: PinFilter, signal: AbortSignal): Promise<Rows> => {
    const all = await pins(signal);
    if (filter === undefined || filter === '') return all;
    const needle = foldAscii(filter);
    if (found?.filter !== needle || found.fuzzy !== fuzzy) {
      const isHit = fuzzy ? fuzzySearch(columns, needle) : await search(source, shape, columns, needle, signal);
      found = { filter: needle, fuzzy, rows: await select(all, source.rows, isHit, signal) };
    }
    return found.rows;
  };

  const selected = async ({ group, within, ...filter }: PinSelection, signal: AbortSignal): Promise<Rows> => {
    const of = await matching(filter, signal);
    if (within === undefined || group === undefined) return of;
    const name = JSON.stringify([group, within.key]);
    if (inside?.of !== of || inside?.group !== name) {
      const keyAt = groupKeys(columns, group);
      inside = { of, group: name, rows: await select(of, source.rows, (row) => keyAt(row) === within.key, signal) };
    }
    return inside.rows;
  };

  const inOrder = async (query: PinQuery, signal: AbortSignal): Promise<Rows> => {
    const rows = await selected(query, signal);
    const { sort, within } = query;
    const group = within === undefined ? query.group : undefined;
    if (sort === undefined && group === undefined) return rows;
    const key = `${group ?? ''} ${sort ?? ''}`;
    if (ordered?.of !== rows || ordered?.key !== key)
      ordered = { of: rows, key, rows: await orderRows(rows, columns, sort, group, signal) };
    return ordered.rows;
  };

  return {
    detail,
    async page(query, signal) {
      const { offset, limit } = checkQuery(query);
      const rows = await inOrder(query, signal);
      const total = rows?.length ?? source.rows;
      const page: Pin[] = [];
      for (let at = offset; at < Math.min(offset + limit, total); at++) {
        const pin = columns.pin(rows?.[at] ?? at);
        if (pin) page.push(pin);
      }
      return page;
    },
    count: async (of, signal) => (await selected(of, signal))?.length ?? source.rows,
    groups: async (key, of, signal) => groupPins(await matching(of, signal), columns, key, signal),
    close: () => {
      pinRows = undefined;
      found = undefined;
      inside = undefined;
      ordered = undefined;
    },
  };
}

function readColumns(source: ColumnSource, shape: PinShape): PinColumns {
  const raw = (field: PinField, row: number): unknown => {
    const column = shape.columns.get(field);
    return column === undefined ? undefined : source.value(column, row);
  };
  const whole = (field: PinField, row: number): unknown => {
    const column = shape.columns.get(field);
    return column === undefined ? undefined : (source.whole ?? source.value)(column, row);
  };
  const metadata = (row: number): Record<string, unknown> | undefined =>
    shape.metadata === undefined ? undefined : metadataOf(source.value(shape.metadata, row));
  return {
    rows: source.rows,
    shape,
    raw,
    text: (field, row) => rawTextOf(whole(field, row)) ?? (field === 'name' ? rawTextOf(metadata(row)?.['name']) : undefined),
    metadata,
    pin: (row) => toPin(shape, (column) => source.value(column, row)),
  };
}

/** Looks through the bytes of the columns where that can be done; gives a test that does what is left to do row by row. */
async function search(
  source: ColumnSource,
  shape: PinShape,
  columns: PinColumns,
  needle: string,
  signal: AbortSignal,
): Promise<(row: number) => boolean> {
  const bytes = needleBytes(needle);
  const byValue: SearchedField[] = [];
  let hits: Uint8Array | undefined;
  for (const field of SEARCHED) {
    const column = shape.columns.get(field);
    const steps = column !== undefined && bytes && source.search?.(column, bytes, (hits ??= new Uint8Array(source.rows)));
    if (steps) while (steps.next().done !== true) await pause(signal);
    // A name may stand in the metadata where its own column has none.
    if (!steps || (field === 'name' && shape.metadata !== undefined)) byValue.push(field);
  }
  return (row) => hits?.[row] === 1 || byValue.some((field) => foldAscii(columns.text(field, row) ?? '').includes(needle));
}

function fuzzySearch(columns: PinColumns, needle: string): (row: number) => boolean {
  const characters = fuzzyCharacters(needle);
  return (row) => FUZZY.some((field) => matchesFuzzily(columns.text(field, row) ?? '', characters));
}

async function select(of: Rows, all: number, isWanted: (row: number) => boolean, signal: AbortSignal): Promise<Uint32Array> {
  const parts: Uint32Array[] = [];
  const part = new Uint32Array(PART);
  let count = 0;
  await forEachIndex(
    of?.length ?? all,
    (at) => {
      const row = of?.[at] ?? at;
      if (!isWanted(row)) return;
      part[count++] = row;
      if (count < PART) return;
      parts.push(part.slice());
      count = 0;
    },
    signal,
  );
  parts.push(part.slice(0, count));
  const rows = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const each of parts) {
    rows.set(each, filled);
    filled += each.length;
  }
  return rows;
}

const PART = 16_384;
