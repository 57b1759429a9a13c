import type { StreamedListOptions, StreamedList } from './streamedList';
import type { ClusterQuery } from './readClusterPins';
import type { KuboQuery } from './readKuboPins';
import type { ServiceQuery } from './readServicePins';

/** What each of the daemons besides ipfs_kit_py's is asked for. */
export interface StreamedQueries {
  readonly kubo: KuboQuery;
  readonly cluster: ClusterQuery;
  readonly 'pinning-service': ServiceQuery;
}

export type StreamedKind = keyof StreamedQueries;
export interface StreamedRequest<Kind extends StreamedKind = StreamedKind> {
  readonly kind: Kind;
  readonly query: StreamedQueries[Kind];
}

type Readers = {
  readonly [Kind in StreamedKind]: (query: StreamedQueries[Kind], options: StreamedListOptions) => Promise<StreamedList>;
};

/** Who reads them: each a bundle of its own, loaded when the first such list is opened. */
const READERS: Readers = {
  kubo: async (query, options) => (await import('./readKuboPins')).readKuboPins(query, options),
  cluster: async (query, options) => (await import('./readClusterPins')).readClusterPins(query, options),
  'pinning-service': async (query, options) => (await import('./readServicePins')).readServicePins(query, options),
};

export function readStreamed<Kind extends StreamedKind>(
  { kind, query }: StreamedRequest<Kind>,
  options: StreamedListOptions,
): Promise<StreamedList> {
  return READERS[kind](query, options);
}
