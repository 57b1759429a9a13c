/** A pin in the history of a list, as far as that is kept: its content, name and status. */
export interface HistoryRow {
  readonly cid: string;
  readonly name?: string | undefined;
  readonly status?: string | undefined;
}

/** A pin that has another name or status than before. */
export interface ChangedRow extends HistoryRow {
  /** The name or status that it had; undefined for none. */
  readonly was: string | undefined;
}

/** How many pins changed, and the first of them. */
export interface Part<Row extends HistoryRow = HistoryRow> {
  readonly count: number;
  readonly rows: readonly Row[];
}

/** What has changed between two lists of one source. */
export interface ListChanges {
  readonly added: Part;
  readonly gone: Part;
  readonly renamed: Part<ChangedRow>;
  readonly status: Part<ChangedRow>;
}

/** Where the history of a list is kept. */
export interface HistoryPlace {
  /** Absolute. */
  readonly folder: string;
  /** What identifies the source: its ID, kind and address or repository. Only a hash of it is in the name of a file. */
  readonly source: string;
  /** What all its lists share, whatever it says that it is: its ID. By default `source`. */
  readonly of?: string | undefined;
}

/** A list that came whole: complete, with all names. */
export interface KeepQuery extends HistoryPlace {
  /** When it came; ms since 1970. */
  readonly atMs: number;
  /** Whether it has the statuses of its pins; otherwise those that are known stay. */
  readonly withStatuses: boolean;
  /** The CIDs of pins that were removed from here: they aren't lost. */
  readonly removed: readonly string[];
  /** The most rows to give of each kind. */
  readonly limit: number;
}

/**
 * What was written: the first list of a source (`start`), or the first after the last one was damaged (`restart`); its changes; only that it was looked at
 * (`look`), at most once a day; or nothing, because nothing has changed, or because another window is writing (`busy`).
 */
export type Written = 'start' | 'restart' | 'changes' | 'look' | 'nothing' | 'busy';

export interface KeptHistory {
  readonly written: Written;
  /** When the list came with which this one was compared; undefined for a first one. */
  readonly sinceMs: number | undefined;
  /** Undefined unless changes were written. */
  readonly changes: ListChanges | undefined;
  /** The pins that are gone and weren't removed from here. */
  readonly lost: Part;
  /** Those of `removed` that are gone by now. */
  readonly removed: readonly string[];
}

export interface ChangesQuery extends HistoryPlace {
  /** Compares with the last list that came until then; ms since 1970. */
  readonly sinceMs: number;
  readonly limit: number;
}

/** A time of which the changes aren't known. */
export interface LostTime {
  /** Undefined: from the beginning. */
  readonly fromMs: number | undefined;
  readonly toMs: number;
}

export interface SinceChanges extends ListChanges {
  /** When the two lists came that are compared. The first one is later than what was asked for where the history begins later. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Damage of the file between them: changes in these times are missing. */
  readonly lost: readonly LostTime[];
}

/** Lists of which something is kept, oldest first. */
export interface HistoryDays {
  /** When each list came. */
  readonly atMs: readonly number[];
  /** How many pins each changed. */
  readonly changes: readonly number[];
  readonly lost: readonly LostTime[];
}
