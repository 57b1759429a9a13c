import { IpfsKitError } from '../base/ipfsKitError';
import type { ColumnSource } from '../pin/columnSource';
import type { Pin } from '../pin/pin';
import { shapeOf } from '../pin/columnNames';
import { metadataOf, rawTextOf, toPin } from '../pin/pinRecord';
import type { PinField, PinShape } from '../pin/columnNames';
import type { JoinedContents } from '../pin/joinedContents';
import { doubtsOf } from '../pin/joinQuery';
import { groupKeyOf } from '../pin/groupOfPin';
import type { PinFilter, PinQuery, PinSelection } from '../pin/pinQuery';
import { checkQuery, foldAscii, isJoinKey, isOfCopies } from '../pin/pinQuery';
import type { CidTerm } from '../pin/searchTerms';
import { searchTerms, spellsCid } from '../pin/searchTerms';
import { fitsStatus } from '../pin/filterWords';
import type { PinTable, UnaskedRow } from '../pin/pinTable';
import { MOST_DETAILS } from '../pin/pinTable';
import { MOST_ALIKE, soughtAmong } from '../pin/soughtPin';
import { valueText } from '../pin/valueText';
import { createStretch } from '../pin/pinWalk';
import type { AddedSizes } from './addedSizes';
import { groupPins, rowsOfGroups, totalOf } from './columnarGroups';
import { firstRows, orderRows } from './columnarOrder';
import type { RowFinder } from './columnarSearch';
import { findRows } from './columnarSearch';
import { columnarContents } from './columnarContents';
import { rowsOfFacts } from './factRows';
import { fuzzyRows } from './fuzzyRows';
import { rowsFitting } from './joinedRows';
import type { PinColumns, Rows } from './pinColumns';
import { selectRows } from './selectRows';
import { pacer } from '../base/stepByStep';

/** `added`: sizes that are added to the rows of `source`, from withAddedSizes. Throws `malformed` where there is no CID column. */
export function columnarTable(source: ColumnSource, detail: string, added?: AddedSizes): PinTable {
  const shape = shapeOf(source.names);
  if (!shape)
    throw new IpfsKitError(
      'malformed',
      `The list has no "cid" column (${source.names.slice(0, 10).join(', ').slice(0, 200) || 'no columns'}).`,
    );
  let joined: JoinedContents | undefined;
  const columns = readColumns(source, shape, () => joined);
  let pinRows: Rows;
  let byCids: { readonly terms: string; readonly rows: Rows } | undefined;
  let found: { readonly among: Rows; readonly filter: string; readonly rows: Uint32Array } | undefined;
  let finder: { readonly among: Rows; readonly filter: string; readonly of: RowFinder } | undefined;
  let byWords: { readonly of: Rows; readonly terms: string; readonly rows: Rows } | undefined;
  let inside: { readonly of: Rows; readonly group: string; readonly rows: Rows } | undefined;
  let ordered: { readonly of: Rows; readonly key: string; readonly rows: Rows } | undefined;

  const pins = async (signal: AbortSignal): Promise<Rows> => {
    if (source.hasTextInEveryRow?.(shape.columns.get('cid') ?? '')) return undefined;
    return (pinRows ??= await selectRows(undefined, source.rows, (row) => columns.text('cid', row) !== undefined, signal));
  };

  /** All matching rows, or at first only `most` of them. */
  const matching = async ({ filter = '', fuzzy = false }: PinFilter, signal: AbortSignal, most = Infinity): Promise<Rows> => {
    const { text, cids, status, facts, join } = searchTerms(filter);
    const among = await withCids(cids, signal);
    if (status.length + facts.length + join.length === 0) return holding(among, text, fuzzy, signal, most);
    const of = await holding(among, text, fuzzy, signal, Infinity);
    const terms = JSON.stringify([status, facts, join, join.length > 0 && joined?.version]);
    if (byWords?.of !== of || byWords?.terms !== terms) {
      const isWanted = (word: string | undefined): boolean => fitsStatus(word, status);
      const rows = status.length === 0 ? of : await rowsOfGroups(of, columns, 'status', isWanted, signal);
      const known = await rowsOfFacts(rows, columns, facts, signal);
      byWords = { of, terms, rows: await rowsFitting(known, columns, join, signal) };
    }
    return byWords.rows;
  };

  /** The pins that match all of these terms; all pins if there are no terms. */
  const withCids = async (terms: readonly CidTerm[], signal: AbortSignal): Promise<Rows> => {
    const all = await pins(signal);
    if (terms.length === 0) return all;
    const name = JSON.stringify(terms);
    if (byCids?.terms === name) return byCids.rows;
    let rows = all;
    for (const { texts, v1, isUnwanted } of terms) {
      const isOther = (row: number): boolean => spellsCid(columns.text('cid', row) ?? '', v1);
      const having = await findRows(rows, columns, texts, isOther).first(Infinity, signal);
      const has = new Set(having);
      rows = isUnwanted ? await selectRows(rows, source.rows, (row) => !has.has(row), signal) : having;
    }
    byCids = { terms: name, rows };
    return rows;
  };

  const holding = async (among: Rows, needle: string, fuzzy: boolean, signal: AbortSignal, wanted: number): Promise<Rows> => {
    if (needle === '') return among;
    if (fuzzy) {
      if (found?.filter !== needle || found.among !== among)
        found = { among, filter: needle, rows: await selectRows(among, source.rows, fuzzyRows(columns, needle), signal) };
      return found.rows;
    }
    if (finder?.filter !== needle || finder.among !== among)
      finder = { among, filter: needle, of: findRows(among, columns, [needle]) };
    return finder.of.first(wanted, signal);
  };

  const selected = async ({ group, within, ...filter }: PinSelection, signal: AbortSignal): Promise<Rows> => {
    const of = await matching(filter, signal);
    if (within === undefined || group === undefined) return of;
    const name = JSON.stringify([group, within.key, isJoinKey(group) && joined?.version]);
    if (inside?.of !== of || inside?.group !== name)
      inside = { of, group: name, rows: await rowsOfGroups(of, columns, group, (key) => key === within.key, signal) };
    return inside.rows;
  };

  /** The rows in order, or the first `wanted` of them. */
  const inOrder = async (query: PinQuery, wanted: number, signal: AbortSignal): Promise<Rows> => {
    const { sort, within } = query;
    if (sort === undefined && query.group === undefined) return matching(query, signal, wanted);
    const rows = await selected(query, signal);
    const group = within === undefined ? query.group : undefined;
    if (sort === undefined && group === undefined) return rows;
    const version = isJoinKey(group) || isOfCopies(sort) ? joined?.version : undefined;
    const key = `${group ?? ''} ${sort ?? ''} ${added?.version ?? 0} ${version ?? 0}`;
    if (ordered?.of === rows && ordered?.key === key) return ordered.rows;
    const first = sort && group === undefined ? await firstRows(rows, columns, sort, wanted, signal) : undefined;
    if (first) return first;
    ordered = { of: rows, key, rows: await orderRows(rows, columns, sort, group, signal) };
    return ordered.rows;
  };

  /** The rows with a CID, with their pins; `most` at most. */
  const ofCid = async (cid: string, most: number, signal: AbortSignal): Promise<readonly { row: number; pin: Pin }[]> => {
    const hits = await findRows(await pins(signal), columns, [foldAscii(cid)]).first(Infinity, signal);
    const due = pacer(signal);
    const found: { row: number; pin: Pin }[] = [];
    for (const row of hits) {
      const rest = due();
      if (rest) await rest;
      const pin = columns.pin(row);
      if (pin?.cid !== cid) continue;
      found.push({ row, pin });
      if (found.length === most) break;
    }
    return found;
  };

  return {
    detail,
    atMost: source.rows,
    async page(query, signal) {
      const { offset, limit } = checkQuery(query);
      const rows = await inOrder(query, offset + limit, signal);
      const total = rows?.length ?? source.rows;
      const page: Pin[] = [];
      const due = pacer(signal);
      for (let at = offset; at < Math.min(offset + limit, total); at++) {
        const rest = due();
        if (rest) await rest;
        const pin = columns.pin(rows?.[at] ?? at);
        if (pin) page.push(pin);
      }
      return page;
    },
    walk: (query) => {
      let rows: { readonly of: Rows } | undefined;
      let at = 0;
      return {
        async next(signal) {
          rows ??= { of: await inOrder(query, Infinity, signal) };
          const total = rows.of?.length ?? source.rows;
          const stretch = createStretch<Pin>();
          const due = pacer(signal);
          for (let hasRoom = true; hasRoom && at < total; at++) {
            const rest = due();
            if (rest) await rest;
            const pin = columns.pin(rows.of?.[at] ?? at);
            if (pin) hasRoom = stretch.add(pin);
          }
          return stretch.rows;
        },
        close: () => (rows = undefined),
      };
    },
    async details(cid, signal) {
      const all = (row: number) => source.all?.(row) ?? source.names.map((name) => [name, source.value(name, row)] as const);
      const found = await ofCid(cid, MOST_DETAILS, signal);
      return found.map(({ row }) => all(row).map(([name, value]) => [name, valueText(value)] as const));
    },
    async find(sought, { filter, fuzzy, sort, group }, signal) {
      const alike = await ofCid(sought.cid, MOST_ALIKE, signal);
      const found =
        alike[
          soughtAmong(
            alike.map(({ pin }) => pin),
            sought,
          )
        ];
      if (!found) return undefined;
      const within = group && { key: groupKeyOf(found.pin, group) };
      // All rows are put in order, because the page with the pin needs that order next.
      const rows = await inOrder({ filter, fuzzy, sort, group, within }, Infinity, signal);
      const at = rows ? rows.indexOf(found.row) : found.row;
      return at < 0 ? undefined : { at, group: within?.key };
    },
    count: async (of, signal) => (await selected(of, signal))?.length ?? source.rows,
    total: async (of, signal) => totalOf(await selected(of, signal), columns, signal),
    sizes: added && {
      get version() {
        return added.version;
      },
      add: added.add,
      async unasked(of, from, most, signal) {
        const rows = await matching(of, signal);
        const total = rows?.length ?? source.rows;
        const unasked: UnaskedRow[] = [];
        const due = pacer(signal);
        let place = from;
        for (; place < total && unasked.length < most; place++) {
          const rest = due();
          if (rest) await rest;
          const row = rows?.[place] ?? place;
          const cid = added.isAsked(row) ? undefined : columns.text('cid', row);
          if (cid !== undefined) unasked.push({ row, place, cid });
        }
        return { rows: unasked, next: place < total ? place : undefined };
      },
    },
    contents: (without) => columnarContents(columns, without),
    join: (contents) => (joined = contents),
    doubts: (of) => doubtsOf(of, joined),
    groups: async (key, of, signal) => groupPins(await matching(of, signal), columns, key, signal),
    close: () => {
      pinRows = undefined;
      byCids = undefined;
      found = undefined;
      finder = undefined;
      byWords = undefined;
      inside = undefined;
      ordered = undefined;
    },
  };
}

function readColumns(source: ColumnSource, shape: PinShape, join: () => JoinedContents | undefined): PinColumns {
  const raw = (field: PinField, row: number): unknown => {
    const column = shape.columns.get(field);
    return column === undefined ? undefined : source.value(column, row);
  };
  const uncut = (field: PinField, row: number): unknown => {
    const column = shape.columns.get(field);
    return column === undefined ? undefined : (source.uncutValue ?? source.value)(column, row);
  };
  const metadata = (row: number): Record<string, unknown> | undefined =>
    shape.metadata === undefined ? undefined : metadataOf(source.value(shape.metadata, row));
  return {
    rows: source.rows,
    source,
    shape,
    raw,
    text: (field, row) => rawTextOf(uncut(field, row)) ?? (field === 'name' ? rawTextOf(metadata(row)?.['name']) : undefined),
    metadata,
    pin: (row) => {
      const [pin, joined] = [toPin(shape, (column) => source.value(column, row)), join()];
      return pin && joined ? { ...pin, ...joined.facts(joined.classOfRow(row)) } : pin;
    },
    get joined() {
      return join();
    },
  };
}
