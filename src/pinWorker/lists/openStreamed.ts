import { withAddedSizes } from '../../columns/addedSizes';
import { columnarTable } from '../../columns/columnarTable';
import type { RpcAccess } from '../../daemonClient/rpcAccess';
import type { OpenContext, Opened, Opener, PinSourceKind } from '../opener';
import type { ClusterQuery } from './readClusterPins';
import type { FilesQuery } from './readFiles';
import type { KuboQuery } from './readKuboPins';
import type { ServiceQuery } from './readServicePins';
import type { StreamedList, StreamedListOptions } from './streamedList';

/** The part of a query that all daemons and services with a streamed list have in common. */
interface StreamedQuery {
  readonly access: RpcAccess;
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
 * Opens the list of a daemon or service, which `read` reads line by line or page by page. It is shown as it comes in. `asksSizes`: sizes can be asked for and
 * added to it.
 */
async function openStreamed<Query extends StreamedQuery>(
  read: (query: Query, options: StreamedListOptions) => Promise<StreamedList>,
  source: PinSourceKind,
  query: Query,
  { signal, onReceived, onSoFar }: OpenContext,
  asksSizes = false,
): Promise<Opened> {
  const { access, statuses } = query;
  const from = { source, location: access.url, statuses: statuses === undefined ? undefined : ('unasked' as const) };
  const { columns, detail, ...list } = await read(query, {
    signal,
    onReceived,
    onSoFar: (soFar, what) => onSoFar({ table: columnarTable(soFar, what), ...from }),
  });
  const whole = { ...from, statuses: statuses ? ('asked' as const) : from.statuses, ...list };
  if (!asksSizes) return { table: columnarTable(columns, detail), ...whole };
  const added = withAddedSizes(columns);
  return { table: columnarTable(added.source, detail, added.sizes), ...whole, sizes: 'asked' };
}
