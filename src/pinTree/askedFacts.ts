import type { Pin } from '../pin/pin';
import type { AskedFacts } from '../pinSource/pinSource';
import type { SourceList } from './pinLists';

/** Rows of one question, and questions side by side. */
const BATCH = 20;
const AT_ONCE = 2;
/** Rows are collected, and drawn anew, together (ms). */
const PAUSE_MS = 50;
const TELL_EVERY_MS = 250;
/** The last rows that were shown; others are asked for when they are shown again. */
const MOST_WAITING = 1200;
const MOST_KNOWN = 20_000;

interface Row {
  readonly pin: Pin;
}

/** What a list does not tell of its pins, sizes for one: asked for the rows that are shown, and shown when it is there. */
export interface RowFacts<R extends Row> {
  of(list: SourceList, row: R): AskedFacts | undefined;
  /** The rows of a list are others now, and how its pins stand may have changed. */
  forget(list: SourceList): void;
  dispose(): void;
}

/** Of one list. */
interface Asking<R> {
  readonly known: Map<string, AskedFacts | undefined>;
  readonly waiting: Set<R>;
  running: number;
  stop: AbortController;
}

export function createRowFacts<R extends Row>(tell: (rows: readonly R[]) => void): RowFacts<R> {
  const lists = new Map<SourceList, Asking<R>>();
  let answered: R[] = [];
  let telling: NodeJS.Timeout | undefined;
  let pausing: NodeJS.Timeout | undefined;

  const askingOf = (list: SourceList): Asking<R> => {
    const asking = lists.get(list) ?? { known: new Map(), waiting: new Set<R>(), running: 0, stop: new AbortController() };
    lists.set(list, asking);
    return asking;
  };
  const told = (): void => {
    telling = undefined;
    const rows = answered;
    answered = [];
    tell(rows);
  };
  const ask = async ({ source }: SourceList, asking: Asking<R>): Promise<void> => {
    const rows = [...asking.waiting].slice(0, BATCH);
    for (const row of rows) asking.waiting.delete(row);
    const cids = [...new Set(rows.map(({ pin }) => pin.cid))];
    const { signal } = asking.stop;
    // A courtesy: what is not to be had is left out.
    const facts = await source.factsOf?.(cids, signal).catch(() => undefined);
    if (signal.aborted) return;
    for (const cid of cids) asking.known.set(cid, facts?.get(cid));
    for (const [oldest] of asking.known) {
      if (asking.known.size <= MOST_KNOWN) break;
      asking.known.delete(oldest);
    }
    answered.push(...rows.filter(({ pin }) => facts?.has(pin.cid)));
    if (answered.length > 0) telling ??= setTimeout(told, TELL_EVERY_MS);
  };
  const next = (list: SourceList, asking: Asking<R>): void => {
    while (asking.running < AT_ONCE && asking.waiting.size > 0) {
      asking.running++;
      void ask(list, asking).finally(() => {
        asking.running--;
        next(list, asking);
      });
    }
  };

  return {
    of: (list, row) => {
      if (!list.source.factsOf) return undefined;
      const asking = askingOf(list);
      const { cid } = row.pin;
      if (asking.known.has(cid)) return asking.known.get(cid);
      asking.waiting.delete(row);
      asking.waiting.add(row);
      const [oldest] = asking.waiting;
      if (asking.waiting.size > MOST_WAITING && oldest) asking.waiting.delete(oldest);
      pausing ??= setTimeout(() => {
        pausing = undefined;
        for (const [each, of] of lists) next(each, of);
      }, PAUSE_MS);
      return undefined;
    },
    forget: (list) => {
      const asking = askingOf(list);
      asking.waiting.clear();
      asking.stop.abort();
      asking.stop = new AbortController();
      for (const [cid, facts] of asking.known) if (facts?.status !== undefined || !facts) asking.known.delete(cid); // a size stays what it is
    },
    dispose: () => {
      clearTimeout(telling);
      clearTimeout(pausing);
      for (const { waiting, stop } of lists.values()) {
        waiting.clear();
        stop.abort();
      }
    },
  };
}
