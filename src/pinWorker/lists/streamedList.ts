import type { ColumnSource } from '../../pin/columnSource';
import { withCommas } from '../../base/withCommas';
import type { TableFacts } from '../opener';

/** Options of the readers of streamed lists, those of daemons and services other than ipfs_kit_py's daemon. */
export interface StreamedListOptions {
  readonly signal: AbortSignal;
  /** For tests: the most bytes that are kept of all texts of the list; default 512 MiB. */
  readonly mostTextBytes?: number;
  /** Receives the number of bytes so far. */
  readonly onReceived: (bytes: number) => void;
  /** Receives the pins so far, while more are coming. `asOfMs`: as that of the list. */
  readonly onSoFar: (columns: ColumnSource, detail: string, asOfMs?: number) => void;
}

export interface StreamedList extends Pick<TableFacts, 'incomplete' | 'namesMissing' | 'statusesMissing' | 'leftOut' | 'hint'> {
  readonly columns: ColumnSource;
  /** The part that was read, for people. */
  readonly detail: string;
  /** As Opened.asOfMs. */
  readonly asOfMs?: number | undefined;
}

/** The sentence about the rows that were left out, from the number of rows of each kind; without a kind, nothing. */
export function leftOut(rows: Readonly<Record<string, number>>): Pick<StreamedList, 'leftOut'> {
  const parts = Object.entries(rows).flatMap(([kind, count]) => (count > 0 ? [`${withCommas(count)} ${kind}`] : []));
  return parts.length === 0 ? {} : { leftOut: `Left out: ${parts.join(', ')}.` };
}

/** Time in ms before the first rows are shown, so that a short list is shown only once, complete. */
const LINGER_MS = 50;
const SHOWN_EVERY_MS = 250;
/** Each time the view is drawn again, so the pause grows with the list: to the time that it has taken so far, divided by REST. */
const REST = 4;

/** Calls `show` soon after the first rows, and then at growing intervals. */
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
