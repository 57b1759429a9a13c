import type { IpfsKitError, PlainError } from '../base/ipfsKitError';
import type { Pin } from '../pin/pin';
import type { PinDetails } from '../pin/pinTable';
import type { GroupKey, PinFilter, PinGroup, PinQuery, PinSelection } from '../pin/pinQuery';
import type { NewDatabase } from '../pinStore/createDatabase';
import type { StoreCandidate } from '../pinStore/locate';
import type { StoreFormat } from '../pinStore/sniff';
import type { SurveyedStore } from '../pinStore/surveyStore';
import type { ExportResult, ExportTarget } from './exportPins';
import type { GroupNode } from '../columns/groupLevel';
import type { Opened, ReaderData } from './opener';
import type { OpenRequest } from './openers';

/** A table that lives in the pin worker, by its number, and where it came from. Errors cross between threads as PlainError. */
export type OpenedTable = PlainErrors<Omit<Opened, 'table' | 'asOfMs' | 'passedOver'>> & {
  readonly table: number;
  /** What was read, for people. */
  readonly detail: string;
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
  /** Opens a list of any kind (openers.ts); while it is read, tables of what has come so far are told. */
  open: { params: OpenRequest; result: OpenedTable };
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
  /** Begins a walk over all pins of a query, whatever its offset and limit. It ends with its table. */
  openWalk: { params: { readonly table: number; readonly query: PinQuery }; result: number };
  /** Its next pins, some thousands at most; none at the end. */
  nextPins: { params: { readonly table: number; readonly walk: number }; result: readonly Pin[] };
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

export interface WorkerData extends ReaderData {
  /** Shared: see ThreadOptions. */
  readonly cancelled: Int32Array;
  /** Tables are numbered from here. */
  readonly firstTable: number;
}
