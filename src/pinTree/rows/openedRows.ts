import type { IpfsPath } from '../../vfs/ipfsPath';
import type { Content } from './contentRow';
import { openedId, OpenedRow } from './openedRow';

/** The most folders that stay opened: with one more, the oldest is closed. */
const MOST_OPENED = 10;

/** The folders that were opened by their CIDs, the last one first. They are forgotten when the window closes, like the content that was read for them. */
export interface OpenedRows {
  readonly rows: () => readonly OpenedRow[];
  /** Opens a folder, or moves it to the top. */
  readonly open: (at: IpfsPath, name: string, cid: string) => OpenedRow;
  readonly close: (row: OpenedRow) => void;
}

/** `changed` is called when the rows must be drawn again. */
export function createOpenedRows(content: Content, changed: () => void): OpenedRows {
  let rows: readonly OpenedRow[] = [];
  const without = (id: string): readonly OpenedRow[] => rows.filter((row) => row.id !== id);
  const show = (next: readonly OpenedRow[]): void => {
    rows = next;
    changed();
  };
  return {
    rows: () => rows,
    open: (at, name, cid) => {
      const row = rows.find(({ id }) => id === openedId(at)) ?? new OpenedRow(content, at, name, cid);
      show([row, ...without(row.id)].slice(0, MOST_OPENED));
      return row;
    },
    close: ({ id }) => show(without(id)),
  };
}
