import { parseDaemonUrl } from '../daemonClient/daemonUrl';
import { expandHome } from '../base/homePath';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Pin } from '../pin/pin';
import type { PinGroup, PinQuery } from '../pin/pinQuery';
import { checkQuery } from '../pin/pinQuery';
import { needsStatuses } from '../pin/statusFilter';
import type { ListingSources } from './ipfsKitListing';
import type { Freshness, Listing } from './listing';
import { closeListing } from './listing';
import type { OpenOptions, PinSource } from './pinSource';
import type { PinSourceKind } from '../pinWorker/opener';

/** One page of pins, as the API of the extension and the command line give it. */
export interface PinList {
  readonly source: PinSourceKind;
  /** Its URL or path. */
  readonly location: string;
  readonly freshness: Freshness;
  /** What was read of it: `table pins, with its write-ahead log`. */
  readonly detail: string;
  /** When the data was received (live) or written (disk); ISO 8601, UTC. */
  readonly asOf: string;
  /** State of the daemon; left out where none was asked. */
  readonly daemon?: string;
  /** What people should know beside the pins; left out where there is nothing. */
  readonly notes?: readonly string[];
  /** The daemon's list broke off, or parts of a set on disk can't be read: pins are missing. Left out where the list is whole. */
  readonly incomplete?: true;
  /** Number of pins that match the filter. */
  readonly total: number;
  /** With `group` only. */
  readonly groups?: readonly PinGroup[];
  readonly pins: readonly Pin[];
}

/** What a caller names in place of the usual: naming one kind means that alone. Throws an IpfsKitError. */
export function namedSources(
  { database, daemonUrls }: { readonly database: unknown; readonly daemonUrls: readonly string[] | undefined },
  usual: ListingSources,
): ListingSources {
  if (database !== undefined && typeof database !== 'string')
    throw new IpfsKitError('invalid-argument', 'The database must be a path.');
  for (const url of daemonUrls ?? []) parseDaemonUrl(url); // one that is none is the caller's mistake, and no daemon that is not running
  if (database === undefined && daemonUrls === undefined) return usual;
  return { ...(daemonUrls && { daemonUrls }), ...(database !== undefined && { databasePath: expandHome(database) }) };
}

/** One page of the pins of a source: opens its list, reads the page, closes the list. Rejects with an IpfsKitError. */
export async function listPins(
  query: PinQuery,
  source: Pick<PinSource, 'open'>,
  { worker, signal }: Pick<OpenOptions, 'worker' | 'signal'>,
): Promise<PinList> {
  const checked = checkQuery(query);
  const listing = await source.open({ worker, signal, statuses: needsStatuses(checked) });
  try {
    return await pageOfListing(checked, listing, { worker, signal });
  } finally {
    void closeListing(worker, listing);
  }
}

/** The same of a list that is open. */
export async function pageOfListing(
  query: PinQuery,
  { opened, freshness, daemon, incomplete, notes }: Listing,
  { worker, signal }: Pick<OpenOptions, 'worker' | 'signal'>,
): Promise<PinList> {
  const { table, source, location, detail, asOfMs } = opened;
  const pins = await worker.request('page', { table, query }, { signal });
  const total = await worker.request('count', { table, of: query }, { signal });
  const groups = query.group && (await worker.request('groups', { table, key: query.group, of: query }, { signal }));
  return {
    source,
    location,
    detail,
    freshness,
    asOf: new Date(asOfMs).toISOString(),
    ...(daemon && { daemon: daemon.state }),
    ...(incomplete && { incomplete: true as const }),
    ...(notes.length > 0 && { notes }),
    total,
    ...(groups && { groups }),
    pins,
  };
}
