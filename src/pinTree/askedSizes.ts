import type { Pin } from '../pin/pin';
import type { SourceList } from './pinLists';

/** How many sizes are asked for side by side. */
const AT_ONCE = 4;
/** Rows are drawn anew together (ms). */
const TELL_EVERY_MS = 250;
/** Of the last rows that were shown; more are asked for when they are shown again. */
const MOST_WAITING = 1200;
const MOST_KNOWN = 20_000;

interface Row {
  readonly pin: Pin;
}

/** Sizes of pins that their list does not tell: asked for one by one for the rows that are shown, and shown when they are there. */
export interface AskedSizes<R extends Row> {
  /** In bytes; undefined while, or where, it is not known. */
  of(list: SourceList, row: R): number | undefined;
  /** The rows of a list have changed: those that have not been asked for are asked for when they are shown. */
  forget(list: SourceList): void;
  dispose(): void;
}

export function createAskedSizes<R extends Row>(tell: (rows: readonly R[]) => void): AskedSizes<R> {
  /** Content never changes: neither does its size. */
  const known = new Map<string, number | undefined>();
  const waiting = new Map<R, SourceList>();
  let answered: R[] = [];
  let running = 0;
  let asking = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  const keep = (cid: string, size: number | undefined): void => {
    known.set(cid, size);
    const [oldest] = known.keys();
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  };
  const told = (): void => {
    timer = undefined;
    const rows = answered;
    answered = [];
    tell(rows);
  };
  const next = (): void => {
    while (running < AT_ONCE) {
      const [first] = waiting;
      if (!first) return;
      const [row, { source }] = first;
      waiting.delete(row);
      const { cid } = row.pin;
      if (known.has(cid)) continue;
      running++;
      const { signal } = asking;
      void (source.sizeOf?.(cid, signal) ?? Promise.resolve(undefined))
        .catch(() => undefined) // a size is a courtesy: what is not to be had is left out
        .then((size) => {
          running--;
          if (signal.aborted) return next();
          keep(cid, size);
          if (size !== undefined) {
            answered.push(row);
            timer ??= setTimeout(told, TELL_EVERY_MS);
          }
          next();
        });
    }
  };

  return {
    of: (list, row) => {
      const { cid } = row.pin;
      if (known.has(cid) || !list.source.sizeOf) return known.get(cid);
      waiting.set(row, list);
      const [oldest] = waiting.keys();
      if (waiting.size > MOST_WAITING && oldest) waiting.delete(oldest);
      next();
      return undefined;
    },
    forget: (list) => {
      for (const [row, of] of waiting) if (of === list) waiting.delete(row);
      asking.abort();
      asking = new AbortController();
    },
    dispose: () => {
      waiting.clear();
      asking.abort();
      clearTimeout(timer);
    },
  };
}
