import { canceled, IpfsKitError } from '../base/ipfsKitError';
import { tryAgain } from '../base/settingOrOption';
import { groupLevel, keyInLevel } from '../columns/groupLevel';
import type { GroupNode } from '../columns/groupLevel';
import type { JoinableList } from '../inventory/listJoin';
import type { ContentWalk, JoinedContents } from '../pin/joinedContents';
import { asksJoin } from '../pin/joinQuery';
import type { GroupKey, PinFilter, PinGroup, PinQuery } from '../pin/pinQuery';
import { checkQuery } from '../pin/pinQuery';
import type { PinTable, UnaskedRow } from '../pin/pinTable';
import type { PinWalk } from '../pin/pinWalk';
import type { SoughtPin } from '../pin/soughtPin';
import type { KeptSizes } from '../pinStore/keptSizes';
import type { GroupLevel, GroupLevelQuery, PinPlace } from './protocol';

/** The sizes that a daemon gave, until it is known that it was the right daemon. */
interface UncheckedSizes {
  readonly kept: KeptSizes;
  readonly sizes: ReadonlyMap<UnaskedRow, number | undefined>;
}

/** A table that can be queried until it is closed. */
export interface OpenTable {
  readonly table: PinTable;
  /** Settles when the last query of the table has ended. */
  last: Promise<unknown>;
  /** The walks by number. A walk may be abandoned before its end. */
  readonly walks: PinWalk[];
  /** Settles when all exports of its pins have ended. */
  held?: Promise<unknown>;
  /** Interrupt the queries that run in the background. */
  readonly background: Set<AbortController>;
  /** The table as a join reads it, from the first time on that it is joined. */
  joinable?: JoinableList;
  joined?: JoinedContents | undefined;
  /** Set once it is being closed. */
  isClosed?: true;
  /** Sizes that are added to the table once their daemon has been checked. */
  uncheckedSizes?: UncheckedSizes | undefined;
  /** The groups of the last query, cached because a tree asks for them level by level and page by page. */
  grouped?: {
    readonly asked: string;
    readonly groups: readonly PinGroup[];
    level?: { readonly of: string; readonly rows: readonly GroupNode[] };
  };
}

/** The tables of the thread by number. No number is used twice. */
export interface TablesByNumber {
  readonly size: number;
  add(table: PinTable): number;
  /** Throws `closed` for a table that has been closed, or was open in a thread that has ended. */
  readonly get: (number: number) => OpenTable;
  /** Throws `closed` as `get` does, and `invalid-argument` for a walk that was never begun. */
  walk(number: number, walk: number): PinWalk;
  /** Closes a table once its queries and exports have ended, and it has left its join. */
  close(number: number): Promise<void>;
}

/** `leave`: takes a table that is being closed out of its join. */
export function createTablesByNumber(first: number, leave: (list: JoinableList) => Promise<void>): TablesByNumber {
  const tables = new Map<number, OpenTable>();
  let last = first;
  const get = (number: number): OpenTable => {
    const open = tables.get(number);
    if (!open) throw closed();
    return open;
  };
  return {
    get size() {
      return tables.size;
    },
    add: (table) => {
      tables.set(++last, { table, walks: [], background: new Set(), last: Promise.resolve() });
      return last;
    },
    get,
    walk: (number, walk) => {
      const { walks } = get(number);
      const found = Number.isInteger(walk) ? walks[walk] : undefined; // not "__proto__" or the like
      if (!found) throw new IpfsKitError('invalid-argument', 'Unknown walk.');
      return found;
    },
    close: async (number) => {
      const open = tables.get(number);
      if (!open) return;
      tables.delete(number);
      open.isClosed = true;
      if (open.joinable) await leave(open.joinable);
      await open.held;
      await open.last;
      for (const walk of open.walks) walk.close();
      open.table.close();
    },
  };
}

function closed(): IpfsKitError {
  return new IpfsKitError('closed', `This list has been closed. ${tryAgain()}.`);
}

/** The table as a join reads it: other queries of the table have their turn between its steps, and it ends when the table is closed. */
export function joinableTable(open: OpenTable): JoinableList {
  return (open.joinable ??= {
    contents: (without) => {
      let walk: ContentWalk | undefined;
      return {
        next: (visitor, signal) =>
          afterOthers(
            open,
            (table) => {
              if (open.isClosed) throw closed();
              return (walk ??= table.contents(without)).next(visitor, signal);
            },
            signal,
          ),
        close: () => walk?.close(),
      };
    },
    join: (joined) => {
      open.joined = joined;
      open.table.join(joined);
    },
  });
}

/** Runs the queries of a table one at a time, in the order of the calls, before those in the background. */
export function inTurn<T>(open: OpenTable, query: (table: PinTable) => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const each of open.background) each.abort();
  return afterOthers(open, query, signal);
}

/** Runs a long query while the table has no other: it stops for each of those, and begins again after it. */
export async function inBackground<T>(
  open: OpenTable,
  query: (table: PinTable, stop: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    const interrupted = new AbortController();
    const stop = AbortSignal.any([signal, interrupted.signal]);
    open.background.add(interrupted);
    try {
      return await afterOthers(open, (table) => query(table, stop), stop);
    } catch (error) {
      if (signal.aborted || !interrupted.signal.aborted) throw error;
    } finally {
      open.background.delete(interrupted);
    }
  }
}

function afterOthers<T>(open: OpenTable, query: (table: PinTable) => Promise<T>, signal: AbortSignal): Promise<T> {
  const answer = open.last.then(() => {
    if (signal.aborted) throw canceled();
    return query(open.table);
  });
  open.last = answer.catch(() => undefined);
  return answer;
}

/** A walk over all pins of a query. Other queries of the table may run between its steps. */
export function walkInTurn(open: OpenTable, query: PinQuery): PinWalk {
  let walk: PinWalk | undefined;
  return {
    next: (signal) => inTurn(open, (table) => (walk ??= table.walk(checkQuery(query))).next(signal), signal),
    close: () => walk?.close(),
  };
}

/** As walkInTurn, but the queries in the background aren't interrupted. It ends when the table is closed. */
export function walkAfterOthers(open: OpenTable, query: PinQuery): PinWalk {
  let walk: PinWalk | undefined;
  return {
    next: (signal) =>
      afterOthers(
        open,
        (table) => {
          if (open.isClosed) throw closed();
          return (walk ??= table.walk(checkQuery(query))).next(signal);
        },
        signal,
      ),
    close: () => walk?.close(),
  };
}

/** Some groups of one level of the tree, from `offset` on. */
export function groupLevelInTurn(open: OpenTable, query: GroupLevelQuery, signal: AbortSignal): Promise<GroupLevel> {
  const { key, of, parent, offset, limit } = query;
  return inTurn(
    open,
    async (table) => {
      const rows = await levelOf(open, table, checkQuery({ ...of, group: key, offset, limit }), key, parent, signal);
      return { total: rows.length, groups: rows.slice(offset, offset + limit) };
    },
    signal,
  );
}

/** Where a pin is in the tree of a query. */
export function placeInTurn(
  open: OpenTable,
  pin: SoughtPin,
  query: PinQuery,
  signal: AbortSignal,
): Promise<PinPlace | undefined> {
  return inTurn(
    open,
    async (table) => {
      const found = await table.find(pin, query, signal);
      if (!found) return undefined;
      const { group: key } = query;
      const groups: number[] = [];
      let parent: string | undefined;
      do {
        if (key === undefined) break;
        const name = keyInLevel(found.group, key, parent);
        const level = await levelOf(open, table, query, key, parent, signal);
        groups.push(level.findIndex((each) => each.key === name));
        parent = name;
      } while (parent !== found.group);
      return { groups, pin: found.at };
    },
    signal,
  );
}

async function levelOf(
  open: OpenTable,
  table: PinTable,
  { filter, fuzzy }: PinFilter,
  key: GroupKey,
  parent: string | undefined,
  signal: AbortSignal,
): Promise<readonly GroupNode[]> {
  const version = asksJoin({ filter, group: key }) ? open.joined?.version : undefined;
  const asked = JSON.stringify([key, filter, fuzzy, table.sizes?.version, version]);
  if (open.grouped?.asked !== asked) open.grouped = { asked, groups: await table.groups(key, { filter, fuzzy }, signal) };
  const below = JSON.stringify([parent]);
  if (open.grouped.level?.of !== below)
    open.grouped.level = { of: below, rows: await groupLevel(open.grouped.groups, key, parent, signal) };
  return open.grouped.level.rows;
}
