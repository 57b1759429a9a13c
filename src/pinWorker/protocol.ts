import type { PlainError } from '../base/ipfsKitError';
import type { Pin } from '../pin/pin';
import type { PinDetails } from '../pin/pinTable';
import type { GroupKey, PinFilter, PinGroup, PinQuery, PinSelection } from '../pin/pinQuery';
import type { NewDatabase } from '../pinStore/createDatabase';
import type { PassedOver, StoreCandidate } from '../pinStore/locate';
import type { StoreFormat } from '../pinStore/sniff';
import type { SurveyedStore } from '../pinStore/surveyStore';
import type { ExportResult, ExportTarget } from './exportPins';
import type { GroupNode } from '../columns/groupLevel';
import type { StreamedKind, StreamedRequest } from './lists/streamedLists';

/** What was read: `arrow` and `json` from ipfs_kit_py's daemon, StreamedKind from other daemons, the rest from disk (`arrow` from either). */
export type PinSourceKind = 'arrow' | 'json' | 'sqlite' | 'parquet' | 'duckdb' | StreamedKind;

/** A table that lives in the pin worker, by its number, and where it came from. */
export interface OpenedTable {
  readonly table: number;
  readonly source: PinSourceKind;
  /** URL or path. */
  readonly location: string;
  /** What was read, for people. */
  readonly detail: string;
  /** When the data was written (disk) or received (daemon); ms since 1970. */
  readonly asOfMs: number;
  readonly passedOver: readonly PassedOver[];
  /** Why the Arrow index was not used although the daemon answered. */
  readonly arrowFailure?: PlainError;
  /** Why pins are missing: the list broke off, and this is what came of it; or parts of a set on disk can't be read. */
  readonly incomplete?: PlainError;
  /** Why pins have no names although their daemon knows some. */
  readonly namesMissing?: PlainError;
  /** Of a list that does not tell how its pins stand: whether that was asked for besides. */
  readonly statuses?: 'asked' | 'unasked';
  /** Why of some pins it is not known. */
  readonly statusesMissing?: PlainError;
  /** What the daemon sent and is not listed, as a sentence: `Left out: 3 of another type than asked for.` */
  readonly leftOut?: string;
}

export type ExportQuery = ExportTarget &
  ({ readonly table: number; readonly query: PinQuery } | { readonly pins: readonly Pin[] });

export interface GroupLevelQuery {
  readonly table: number;
  readonly key: GroupKey;
  readonly of: PinFilter;
  /** The folder to look into; left out, the topmost level. */
  readonly parent?: string;
  readonly offset: number;
  readonly limit: number;
}

export interface GroupLevel {
  /** How many there are in all. */
  readonly total: number;
  readonly groups: readonly GroupNode[];
}

/** What the pin worker can be asked, with what it answers. */
export interface WorkerOperations {
  /** `again`: a person asks, so that it is read also where that has stopped a thread or a process (readMarks.ts). */
  openLive: { params: { readonly baseUrl: string; readonly again?: boolean }; result: OpenedTable };
  openStreamed: { params: StreamedRequest; result: OpenedTable };
  openStore: { params: { readonly databasePath: string; readonly pythonPath?: string }; result: OpenedTable };
  /** The last list that one of these daemons gave; undefined where none was kept. */
  openLast: { params: { readonly urls: readonly string[] }; result: OpenedTable | undefined };
  /** The databases at a path, newest first; no table is opened. */
  locate: { params: { readonly databasePath: string }; result: readonly StoreCandidate[] };
  /** Looks into one of those. */
  survey: {
    params: { readonly path: string; readonly format: StoreFormat; readonly pythonPath?: string | undefined };
    result: SurveyedStore;
  };
  /** Where a pin database would be made. */
  placeOfNew: { params: { readonly databasePath: string }; result: NewDatabase };
  /** Makes it there. */
  createNew: { params: NewDatabase; result: undefined };
  page: { params: { readonly table: number; readonly query: PinQuery }; result: Pin[] };
  count: { params: { readonly table: number; readonly of: PinSelection }; result: number };
  groups: { params: { readonly table: number; readonly key: GroupKey; readonly of: PinFilter }; result: PinGroup[] };
  /** The groups as a tree shows them, a stretch of one level. */
  groupLevel: { params: GroupLevelQuery; result: GroupLevel };
  details: { params: { readonly table: number; readonly cid: string }; result: readonly PinDetails[] };
  /** Writes pins into a file: those of a query, or those that are given. */
  exportPins: { params: ExportQuery; result: ExportResult };
  close: { params: { readonly table: number }; result: undefined };
  inspect: { params: undefined; result: WorkerInspection };
}
export type Operation = keyof WorkerOperations;

export interface WorkerInspection {
  /** Files that the worker has loaded, absolute. */
  readonly loaded: readonly string[];
  readonly openTables: number;
}

export type ToWorker =
  | {
      [Op in Operation]: { readonly id: number; readonly operation: Op; readonly params: WorkerOperations[Op]['params'] };
    }[Operation]
  | { readonly cancel: number };

/** Signs of life. */
export type WorkerSign =
  /** While anything is asked, as long as the thread takes messages: its work goes on in steps. */
  | { readonly alive: true }
  /** While a body comes in. */
  | { readonly receivedBytes: number }
  /** While pins are written. */
  | { readonly writtenPins: number }
  /** What has come so far, as a table of its own. The receiver closes it. */
  | { readonly soFar: OpenedTable };

export type FromWorker =
  | { readonly id: number; readonly result: WorkerOperations[Operation]['result'] }
  | { readonly id: number; readonly error: PlainError }
  | ({ readonly id: number } & WorkerSign);

export interface WorkerData {
  /** The sql.js binary. */
  readonly wasmFile: string;
  /** Where a pin database may be read soon, file or folder: SQLite is started at once if something is there. */
  readonly warmFor?: string | undefined;
  /** Shared: see ThreadOptions. */
  readonly cancelled: Int32Array;
  /** For the user's Python: the thread itself has none. */
  readonly environment: Readonly<Record<string, string>>;
  readonly tempFolder: string;
  /** Where the last list of each daemon is kept; left out, none is. */
  readonly keepFolder?: string;
  /** Tables are numbered from here. */
  readonly firstTable: number;
}
