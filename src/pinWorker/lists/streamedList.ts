import type { ColumnSource } from '../../pin/columnSource';
import { withCommas } from '../../base/withCommas';
import type { TableFacts } from '../opener';

/** How a list is read that grows: in the pin worker, out of a daemon other than ipfs_kit_py's. */
export interface StreamedListOptions {
  readonly signal: AbortSignal;
  /** For tests; default 512 MiB: what is kept of all texts of the list. */
  readonly mostTextBytes?: number;
  /** Bytes so far. */
  readonly onReceived: (bytes: number) => void;
  /** The pins so far, while more are coming. */
  readonly onSoFar: (columns: ColumnSource, detail: string) => void;
}

export interface StreamedList extends Pick<TableFacts, 'incomplete' | 'namesMissing' | 'statusesMissing' | 'leftOut'> {
  readonly columns: ColumnSource;
  /** For people: what was read. */
  readonly detail: string;
}

/** From how many rows there are of each kind. */
export function leftOut(rows: Readonly<Record<string, number>>): Pick<StreamedList, 'leftOut'> {
  const parts = Object.entries(rows).flatMap(([kind, count]) => (count > 0 ? [`${withCommas(count)} ${kind}`] : []));
  return parts.length === 0 ? {} : { leftOut: `Left out: ${parts.join(', ')}.` };
}

/** A list that is over at once is not shown before it is. */
const LINGER_MS = 50;
const SHOWN_EVERY_MS = 250;
/** Showing costs little here, but a view that is drawn anew: of a long list, each is shown a quarter of its time later than the one before. */
const REST = 4;

/** Shows the first rows soon, and more of them ever more seldom. */
export function showAsItComes(show: () => void): { look(rows: number): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let [began, nextAt, shownRows, seenRows] = [0, 0, 0, 0];
  return {
    look: (rows) => {
      seenRows = rows;
      if (timer || rows === shownRows) return;
      const now = Date.now();
      if (began === 0) [began, nextAt] = [now, now + LINGER_MS];
      timer = setTimeout(
        () => {
          timer = undefined;
          shownRows = seenRows;
          nextAt = Date.now() + Math.max(SHOWN_EVERY_MS, (Date.now() - began) / REST);
          show();
        },
        Math.max(0, nextAt - now),
      );
    },
    stop: () => clearTimeout(timer),
  };
}
