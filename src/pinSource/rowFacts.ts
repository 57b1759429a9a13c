import type { AskedFacts, FactRow, RowFacts } from './pinSource';

/** Rows per request, and requests at the same time. */
const BATCH = 20;
const AT_ONCE = 2;
/** Time in ms for which rows are collected before a request. */
const PAUSE_MS = 50;
/** Time in ms for which known facts are collected before rows are drawn again. */
const TELL_EVERY_MS = 250;
/** The most rows that wait, those that were shown last. The facts of others are requested when they are shown again. */
const MOST_WAITING = 900;
const MOST_KNOWN = 20_000;

type AskFacts = (cids: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, AskedFacts>>;

/** Requests facts of pins with `askFor`. `tell` receives the rows whose facts have become known. */
export function createRowFacts<R extends FactRow>(askFor: AskFacts, tell: (rows: readonly R[]) => void): RowFacts<R> {
  const known = new Map<string, AskedFacts | undefined>();
  /** The facts that are asked for again. */
  const old = new Map<string, AskedFacts>();
  const waiting = new Set<R>();
  let answered: R[] = [];
  let running = 0;
  let stop = new AbortController();
  let telling: NodeJS.Timeout | undefined;
  let pausing: NodeJS.Timeout | undefined;

  const notify = (): void => {
    telling = undefined;
    const rows = answered;
    answered = [];
    tell(rows);
  };
  const ask = async (): Promise<void> => {
    const rows = [...waiting].slice(0, BATCH);
    for (const row of rows) waiting.delete(row);
    const cids = [...new Set(rows.map(({ pin }) => pin.cid))];
    const { signal } = stop;
    const facts = await askFor(cids, signal).catch(() => undefined); // facts are optional: where they are unavailable, the rows go without
    if (signal.aborted) return;
    const lost = new Set(cids.filter((cid) => old.has(cid)));
    for (const cid of cids) {
      known.set(cid, facts?.get(cid));
      old.delete(cid);
    }
    for (const [oldest] of known) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(oldest);
    }
    answered.push(...rows.filter(({ pin }) => lost.has(pin.cid) || facts?.has(pin.cid)));
    if (answered.length > 0) telling ??= setTimeout(notify, TELL_EVERY_MS);
  };
  const next = (): void => {
    pausing = undefined;
    while (running < AT_ONCE && waiting.size > 0) {
      running++;
      void ask().finally(() => {
        running--;
        next();
      });
    }
  };

  return {
    of: (row) => {
      const { cid } = row.pin;
      if (known.has(cid)) return known.get(cid);
      waiting.delete(row);
      waiting.add(row);
      const [oldest] = waiting;
      if (waiting.size > MOST_WAITING && oldest) waiting.delete(oldest);
      pausing ??= setTimeout(next, PAUSE_MS);
      return old.get(cid);
    },
    forget: (isSilent = false) => {
      waiting.clear();
      stop.abort();
      stop = new AbortController();
      if (!isSilent) old.clear();
      for (const [cid, facts] of known) {
        if (facts && facts.status === undefined) continue; // the size of content never changes
        known.delete(cid);
        if (facts && isSilent) old.set(cid, facts);
      }
      for (const [cid] of old) {
        if (old.size <= MOST_KNOWN) break;
        old.delete(cid);
      }
    },
    dispose: () => {
      clearTimeout(telling);
      clearTimeout(pausing);
      waiting.clear();
      stop.abort();
    },
  };
}
