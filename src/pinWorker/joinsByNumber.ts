import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { tryAgain } from '../base/settingOrOption';
import type { JoinableList, ListJoin } from '../inventory/listJoin';
import { createListJoin } from '../inventory/listJoin';
import type { JoinQuery, JoinState } from './protocol';
import type { OpenTable } from './tablesByNumber';
import { joinableTable } from './tablesByNumber';

/** The joins of the thread by number. No number is used twice. */
export interface JoinsByNumber {
  readonly size: number;
  /** Rejects with `closed` for a join or a table that has been closed, and as ListJoin.set does. A join that is new and not set is closed again. */
  set(query: JoinQuery, signal: AbortSignal): Promise<JoinState>;
  /** Takes a table that is being closed out of its join. */
  leave(list: JoinableList): Promise<void>;
  /** A second call does nothing. */
  close(number: number): Promise<void>;
}

export function createJoinsByNumber(first: number, tableOf: (table: number) => OpenTable): JoinsByNumber {
  const joins = new Map<number, ListJoin>();
  let last = first;
  const joinOf = (number: number): ListJoin => {
    const join = joins.get(number);
    if (!join) throw new IpfsKitError('closed', `These lists aren't compared anymore. ${tryAgain()}.`);
    return join;
  };
  const close = async (number: number): Promise<void> => {
    const join = joins.get(number);
    joins.delete(number);
    await join?.close();
  };
  /** A table has one join: that which it was put into last. */
  const leaveOthers = async (list: JoinableList, stays?: ListJoin): Promise<void> => {
    for (const join of joins.values()) if (join !== stays) await join.leave(list);
  };

  return {
    get size() {
      return joins.size;
    },
    set: async ({ join: asked, sources: queried }, signal) => {
      const sources = queried.map(({ table, ...source }) => ({
        ...source,
        list: table === undefined ? undefined : joinableTable(tableOf(table)),
      }));
      const number = asked ?? ++last;
      const join = asked === undefined ? createListJoin() : joinOf(asked);
      joins.set(number, join);
      try {
        for (const { list } of sources) if (list) await leaveOthers(list, join);
        await join.set(sources, signal);
      } catch (error) {
        if (asked === undefined) await close(number);
        throw error;
      }
      const state = join.sources.map(({ error, ...source }) => ({ ...source, error: error && toPlainError(error) }));
      return { join: number, sources: state, contents: join.contents, bytes: join.bytes };
    },
    leave: (list) => leaveOthers(list),
    close,
  };
}
