import { withAddedSizes } from '../../columns/addedSizes';
import { columnarTable } from '../../columns/columnarTable';
import type { RpcAccess } from '../../daemonClient/rpcAccess';
import type { OpenContext, Opened, Opener, PinSourceKind } from '../opener';
import type { ClusterQuery } from './readClusterPins';
import type { FilesQuery } from './readFiles';
import type { KuboQuery } from './readKuboPins';
import type { ServiceQuery } from './readServicePins';
import type { StreamedList, StreamedListOptions } from './streamedList';

/** The part of a query that all streamed lists have in common. */
interface StreamedQuery {
  /** The daemon or service; left out where only a repository on disk is read. */
  readonly access?: RpcAccess;
  readonly repository?: string | undefined;
  /** Whether the status of pins is requested too; left out where the list has it, or the daemon doesn't know it. */
  readonly statuses?: boolean;
}

export const openKubo: Opener<KuboQuery> = async (query, context) => ({
  ...(await openStreamed((await import('./readKuboPins')).readKuboPins, 'kubo', query, context, true)),
  statuses: 'none',
});
export const openFiles: Opener<FilesQuery> = async (query, context) => ({
  ...(await openStreamed((await import('./readFiles')).readFiles, 'files', query, context)),
  statuses: 'none',
});
export const openCluster: Opener<ClusterQuery> = async (query, context) =>
  openStreamed((await import('./readClusterPins')).readClusterPins, 'cluster', query, context);
export const openService: Opener<ServiceQuery> = async (query, context) =>
  openStreamed((await import('./readServicePins')).readServicePins, 'pinning-service', query, context);

/**
 * Opens the list of a daemon or service, or of what it left on disk, which `read` reads line by line, page by page or block by block. It is shown as it comes in. `asksSizes`: sizes can be asked for and
 * added to it.
 */
async function openStreamed<Query extends StreamedQuery>(
  read: (query: Query, options: StreamedListOptions) => Promise<StreamedList>,
  source: PinSourceKind,
  query: Query,
  { signal, onReceived, onSoFar }: OpenContext,
  asksSizes = false,
): Promise<Opened> {
  const { access, repository = '', statuses } = query;
  const location = access?.url ?? repository;
  const from = { source, location, statuses: statuses === undefined ? undefined : ('unasked' as const) };
  const at = (asOfMs: number | undefined): Pick<Opened, 'asOfMs'> => (asOfMs === undefined ? {} : { asOfMs });
  const { columns, detail, asOfMs, ...list } = await read(query, {
    signal,
    onReceived,
    onSoFar: (soFar, what, ms) => onSoFar({ table: columnarTable(soFar, what), ...from, ...at(ms) }),
  });
  const whole = { ...from, statuses: statuses ? ('asked' as const) : from.statuses, ...list, ...at(asOfMs) };
  if (!asksSizes) return { table: columnarTable(columns, detail), ...whole };
  const added = withAddedSizes(columns);
  return { table: columnarTable(added.source, detail, added.sizes), ...whole, sizes: 'asked' };
}
