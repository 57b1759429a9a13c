import type { IpfsKitError } from '../base/ipfsKitError';
import type { ReadMarks } from '../columns/readMarks';
import type { PinTable } from '../pin/pinTable';
import type { PassedOver } from '../pinStore/locate';
import type { ReadFormat } from '../pinStore/openStore';

/** What was read: `arrow` and `json` from ipfs_kit_py's daemon, ReadFormat from disk, the others from the daemon or service of that kind. */
export type PinSourceKind = ReadFormat | 'json' | 'kubo' | 'cluster' | 'pinning-service';

/** Where the pins of a table come from, and what of them is missing. */
export interface TableFacts {
  readonly source: PinSourceKind;
  /** URL or path. */
  readonly location: string;
  /** Why the Arrow index was not used although the daemon answered. */
  readonly arrowFailure?: IpfsKitError | undefined;
  /** Why pins are missing: the list broke off, and this is what came of it; or parts of a set on disk can't be read. */
  readonly incomplete?: IpfsKitError | undefined;
  /** Why pins have no names although their daemon knows some. */
  readonly namesMissing?: IpfsKitError | undefined;
  /** Of a list that doesn't tell the status of its pins: whether the status was asked for besides. */
  readonly statuses?: 'asked' | 'unasked';
  /** Why the status of some pins isn't known. */
  readonly statusesMissing?: IpfsKitError | undefined;
  /** What the daemon sent and is not listed, as a sentence: `Left out: 3 of another type than asked for.` */
  readonly leftOut?: string | undefined;
}

export interface Opened extends TableFacts {
  readonly table: PinTable;
  /** When the data was written (disk) or received (daemon); ms since 1970. Default now. */
  readonly asOfMs?: number;
  /** Stores that were found and not opened; default none. */
  readonly passedOver?: readonly PassedOver[];
}

/** What readers need of the machine, which the thread is given at its start. */
export interface ReaderData {
  /** The sql.js binary. */
  readonly wasmFile: string;
  /** For the user's Python: the thread itself has none. */
  readonly environment: Readonly<Record<string, string>>;
  readonly tempFolder: string;
  /** Where the last list of each daemon is kept; left out, none is. */
  readonly keepFolder?: string | undefined;
}

export interface OpenContext extends ReaderData {
  readonly signal: AbortSignal;
  /** Whether what this signal is of was cancelled, known also while the thread is too busy to take the message that says so. */
  readonly isStopped: (signal: AbortSignal) => boolean;
  /** Of lists that have stopped a thread or a process while they were decoded. */
  readonly marks: ReadMarks;
  /** A sign of life: bytes so far. */
  readonly onReceived: (bytes: number) => void;
  /** What has come so far, as a table of its own, while more is coming. */
  readonly onSoFar: (soFar: Opened) => void;
}

/** Opens one kind of list. Rejects with an IpfsKitError. Where the question is cancelled meanwhile, the table that it resolves to is closed by the caller. */
export type Opener<Query> = (query: Query, context: OpenContext) => Promise<Opened>;
