import type { IpfsKitError, PlainError } from '../base/ipfsKitError';
import type { ChangesQuery, HistoryDays, HistoryPlace, KeepQuery, KeptHistory, SinceChanges } from '../history/historyContract';
import type { Difference } from '../inventory/differences';
import type { JoinedSource, JoinSource } from '../inventory/listJoin';
import type { Pin } from '../pin/pin';
import type { PinCopies } from '../pin/joinedContents';
import type { PinDetails } from '../pin/pinTable';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import type { GroupKey, PinFilter, PinGroup, PinQuery, PinSelection, PinTotal } from '../pin/pinQuery';
import type { SoughtPin } from '../pin/soughtPin';
import type { NewDatabase } from '../pinStore/createDatabase';
import type { StoreCandidate } from '../pinStore/locate';
import type { StoreFormat } from '../pinStore/sniff';
import type { SurveyedStore } from '../pinStore/surveyStore';
import type { ExportResult, ExportTarget } from './exportPins';
import type { GroupNode } from '../columns/groupLevel';
import type { Opened, ReaderData } from './opener';
import type { OpenRequest } from './openers';

/** A table in the pin worker by its number, with where it came from. Errors are sent between threads as PlainError. */
export type OpenedTable = PlainErrors<Omit<Opened, 'table' | 'asOfMs' | 'passedOver'>> & {
  readonly table: number;
  /** The part that was read, for people. */
  readonly detail: string;
  /** The number of pins or more, as in PinTable. */
  readonly atMost: number;
} & Required<Pick<Opened, 'asOfMs' | 'passedOver'>>;

type PlainErrors<Facts> = {
  [Fact in keyof Facts]: Facts[Fact] extends IpfsKitError | undefined ? PlainError | undefined : Facts[Fact];
};

export type ExportQuery = ExportTarget &
  ({ readonly table: number; readonly query: PinQuery } | { readonly pins: readonly Pin[] });

export interface GroupLevelQuery {
  readonly table: number;
  readonly key: GroupKey;
  readonly of: PinFilter;
  /** The folder whose level is read; left out, the topmost level. */
  readonly parent?: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

export interface GroupLevel {
  /** Number of groups of the level in all. */
  readonly total: number;
  readonly groups: readonly GroupNode[];
}

/** Where a pin is in the tree of a list. */
export interface PinPlace {
  /** The index of each group that contains it, in its level, from the topmost one on. */
  readonly groups: readonly number[];
  /** The index among the pins of the innermost group, or among all. */
  readonly pin: number;
}

export interface SizesQuery {
  readonly table: number;
  readonly of: PinFilter;
  /** The place among the pins that match at which to begin. */
  readonly from: number;
  readonly access: RpcAccess;
  /** What identifies the daemon, for the sizes that are kept: what one daemon says doesn't reach the lists of another. Only what a proven one says is written. */
  readonly daemon: { readonly id: string; readonly isProven: boolean };
}

export interface AskedSizes {
  /** The place at which to continue; undefined at the end. */
  readonly next: number | undefined;
  /** How many sizes were known already, and for how many pins the daemon was asked. */
  readonly known: number;
  readonly asked: number;
}

/** Lists whose contents are compared. */
export interface JoinQuery {
  /** The number of a join that is changed; left out for a new one. */
  readonly join?: number | undefined;
  /** All sources, at most 32, in the order in which pins name them. A source whose list is closed stays, and is unknown until it has another one. */
  readonly sources: readonly JoinSourceQuery[];
}

export interface JoinSourceQuery extends Omit<JoinSource, 'list'> {
  /** Its list; left out where it has none. A table has one join at a time. */
  readonly table?: number | undefined;
}

export interface JoinState {
  readonly join: number;
  /** In the order of the query. */
  readonly sources: readonly PlainErrors<JoinedSource>[];
  /** The number of different contents in all lists. */
  readonly contents: number;
  /** Memory beside that of the tables. */
  readonly bytes: number;
}

export interface CompareQuery {
  readonly left: number;
  readonly right: number;
  /** Finds the contents of both, in both lists: `in:left in:right`. */
  readonly filter: string;
  /** Whether both sources tell all names. */
  readonly withNames: boolean;
  /** The most differences to give of each kind. */
  readonly most: number;
}

export interface Compared {
  /** The number of contents that both list. */
  readonly both: number;
  readonly nameCount: number;
  readonly statusCount: number;
  /** The first of those. */
  readonly names: readonly Difference[];
  readonly statuses: readonly Difference[];
}

export interface NewPinsQuery {
  readonly table: number;
  /** An earlier list of the same source. */
  readonly before: number;
  /** Whether its rows are entries of a folder. */
  readonly areEntries: boolean;
  /** The most pins to find. */
  readonly most: number;
}

/** The requests to the pin worker, with their parameters and results. */
export interface WorkerOperations {
  /** Opens a list of any kind (openers.ts). While it is read, `soFar` heartbeats contain tables of the pins so far. */
  open: { params: OpenRequest; result: OpenedTable };
  /** Finds the databases at a path, newest first, without opening a table. */
  locate: { params: { readonly databasePath: string }; result: readonly StoreCandidate[] };
  /** Reads the facts about one of those databases. */
  survey: {
    params: { readonly path: string; readonly format: StoreFormat; readonly pythonPath?: string | undefined };
    result: SurveyedStore;
  };
  /** Finds the path at which a pin database would be created. */
  locateNew: { params: { readonly databasePath: string }; result: NewDatabase };
  /** Creates a pin database there. */
  createNew: { params: NewDatabase; result: undefined };
  page: { params: { readonly table: number; readonly query: PinQuery }; result: Pin[] };
  count: { params: { readonly table: number; readonly of: PinSelection }; result: number };
  total: { params: { readonly table: number; readonly of: PinSelection }; result: PinTotal };
  /** Asks Kubo for the sizes of the next pins that have none. They count only once `keepSizes` says that it was the right daemon. */
  askSizes: { params: SizesQuery; result: AskedSizes };
  /** Adds the sizes of the last `askSizes` to the table. `isLast`: no more are asked for now. */
  keepSizes: { params: { readonly table: number; readonly isLast: boolean }; result: undefined };
  /** Begins a walk over all pins of a query; its offset and limit are ignored. The result is the number of the walk, which ends with its table. */
  openWalk: { params: { readonly table: number; readonly query: PinQuery }; result: number };
  /** Gives the next pins of a walk, some thousands at most; none at the end. */
  nextPins: { params: { readonly table: number; readonly walk: number }; result: readonly Pin[] };
  groups: { params: { readonly table: number; readonly key: GroupKey; readonly of: PinFilter }; result: PinGroup[] };
  /** Gives some groups of one level, as a tree shows them. */
  groupLevel: { params: GroupLevelQuery; result: GroupLevel };
  /** Finds a pin among the rows of a query, whose offset and limit are ignored; undefined where it isn't among them. */
  place: { params: { readonly table: number; readonly pin: SoughtPin; readonly query: PinQuery }; result: PinPlace | undefined };
  details: { params: { readonly table: number; readonly cid: string }; result: readonly PinDetails[] };
  /**
   * Compares the contents of lists: their pins then have `sources`, `copies` and so on, and their queries may ask for these. Reads the lists that are new in
   * the join, and no other. A list that can't be read has its error in the result, and is unknown.
   */
  join: { params: JoinQuery; result: JoinState };
  closeJoin: { params: { readonly join: number }; result: undefined };
  /** What the joined lists say of the content of a CID; empty where the list isn't joined. */
  copiesOf: { params: { readonly table: number; readonly cid: string }; result: PinCopies };
  /** The ids of the sources of which more would have to be known for the result of a query to be certain; none where the list isn't joined. */
  doubts: { params: { readonly table: number; readonly of: PinQuery }; result: readonly string[] };
  /** Compares what two lists of one join say of the contents that both have. */
  compare: { params: CompareQuery; result: Compared };
  /** Finds the pins that an earlier list of the same source doesn't have: their keys (pinKey.ts), in the order of the list. */
  newPins: { params: NewPinsQuery; result: readonly string[] };
  /** Keeps a list that came whole in the history of its source, while the table has no other query, and says what it changed. */
  keepHistory: { params: KeepQuery & { readonly table: number }; result: KeptHistory };
  /** What has changed in a source since a time. */
  changes: { params: ChangesQuery; result: SinceChanges };
  /** When the lists came of which something is kept. */
  historyDays: { params: HistoryPlace; result: HistoryDays };
  /** Writes the pins of a query, or the given pins, into a file. */
  exportPins: { params: ExportQuery; result: ExportResult };
  close: { params: { readonly table: number }; result: undefined };
  inspect: { params: undefined; result: WorkerInspection };
}
export type Operation = keyof WorkerOperations;

export interface WorkerInspection {
  /** Absolute paths of the files that the worker has loaded. */
  readonly loaded: readonly string[];
  readonly openTables: number;
  readonly openJoins: number;
}

export type ToWorker =
  | {
      [Op in Operation]: { readonly id: number; readonly operation: Op; readonly params: WorkerOperations[Op]['params'] };
    }[Operation]
  | { readonly cancel: number };

/** The heartbeats of the worker. */
export type WorkerSign =
  /** Sent while a request is under way, as long as the thread isn't blocked. */
  | { readonly alive: true }
  /** Sent while a body is received. */
  | { readonly receivedBytes: number }
  /** Sent while pins are written. */
  | { readonly writtenPins: number }
  /** A separate table of the pins so far. The receiver closes it. */
  | { readonly soFar: OpenedTable };

export type FromWorker =
  | { readonly id: number; readonly result: WorkerOperations[Operation]['result'] }
  | { readonly id: number; readonly error: PlainError }
  | ({ readonly id: number } & WorkerSign);

export interface WorkerData extends ReaderData {
  /** Shared memory; see ThreadOptions. */
  readonly canceled: Int32Array;
  /** Shared memory; see ThreadOptions. */
  readonly executing: Int32Array;
  /** The number before that of the thread's first table. */
  readonly firstTable: number;
  /** V8's flag of that name; left out, it stays as it is. */
  readonly wasmTieringBudget?: number | undefined;
}
