import type { IpfsKitError } from '../base/ipfsKitError';
import type { ReadMarks } from './readMarks';
import type { PinTable } from '../pin/pinTable';
import type { PassedOver } from '../pinStore/locate';
import type { OtherSet } from '../pinStore/pinSets';
import type { ReadFormat } from '../pinStore/openNewestStore';

/** The kind of data that was read: `arrow` and `json` from ipfs_kit_py's daemon, a ReadFormat from disk, else from the daemon or service of that kind. */
export type PinSourceKind = ReadFormat | 'json' | 'kubo' | 'files' | 'cluster' | 'pinning-service';

/** Where the pins of a table come from, and which of them are missing. */
export interface TableFacts {
  readonly source: PinSourceKind;
  /** URL or path. */
  readonly location: string;
  /** Why the Arrow index was not used although the daemon responded. */
  readonly arrowFailure?: IpfsKitError | undefined;
  /** Why pins are missing: the list was cut off, or parts of a set on disk can't be read. */
  readonly incomplete?: IpfsKitError | undefined;
  /** Why pins have no names although the daemon may know some. */
  readonly namesMissing?: IpfsKitError | undefined;
  /** Only for lists without the status of their pins: whether the status was requested too, or can't be. */
  readonly statuses?: 'asked' | 'unasked' | 'none' | undefined;
  /** Set where the sizes of pins aren't in the list and can be asked for: `askSizes` adds them to the table. */
  readonly sizes?: 'asked' | undefined;
  /** Why the status of some pins isn't known. */
  readonly statusesMissing?: IpfsKitError | undefined;
  /** A sentence about rows that the daemon sent and that are not listed: `Left out: 3 with a type that was not requested.` */
  readonly leftOut?: string | undefined;
  /** What the hint of the source (PinSource.hint) was when the list began, where the list tells. */
  readonly hint?: string | undefined;
}

export interface Opened extends TableFacts {
  readonly table: PinTable;
  /** When the data was written (disk) or received (daemon); ms since 1970. Default now. */
  readonly asOfMs?: number;
  /** Stores that were found and not opened; default none. */
  readonly passedOver?: readonly PassedOver[];
  /** Other sets of pins on disk, which the listed store doesn't have; only for a store. */
  readonly otherSets?: readonly OtherSet[] | undefined;
}

/** The facts about the machine that readers need. The thread receives them when it starts. */
export interface ReaderData {
  /** The path of the sql.js binary. */
  readonly wasmFile: string;
  /** The environment for the user's Python; the thread's own is empty. */
  readonly environment: Readonly<Record<string, string>>;
  readonly tempFolder: string;
  /** The folder for the last list of each daemon; without it, none is saved. */
  readonly keepFolder?: string | undefined;
}

export interface OpenContext extends ReaderData {
  readonly signal: AbortSignal;
  /** Whether the request of this signal was canceled. Unlike the signal, this is known even while the thread is too busy to receive messages. */
  readonly isStopped: (signal: AbortSignal) => boolean;
  /** Marks of lists that have ended a thread or a process while they were decoded. */
  readonly marks: ReadMarks;
  /** Receives the number of bytes so far, which also counts as a heartbeat. */
  readonly onReceived: (bytes: number) => void;
  /** Receives a separate table of the pins so far, while more are coming. */
  readonly onSoFar: (soFar: Opened) => void;
}

/** Opens one kind of list. Rejects with an IpfsKitError. If the request is canceled meanwhile, the caller closes the table. */
export type Opener<Query> = (query: Query, context: OpenContext) => Promise<Opened>;
