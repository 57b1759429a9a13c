import type { GrowingListOptions, GrownList } from './growingList';
import type { ClusterQuery } from './openCluster';
import type { KuboQuery } from './openKubo';
import type { ServiceQuery } from './openPinningService';

/** What each of the daemons besides ipfs_kit_py's is asked for. */
export interface GrowingQueries {
  readonly kubo: KuboQuery;
  readonly cluster: ClusterQuery;
  readonly 'pinning-service': ServiceQuery;
}

export type GrowingKind = keyof GrowingQueries;
export interface GrowingRequest<Kind extends GrowingKind = GrowingKind> {
  readonly kind: Kind;
  readonly query: GrowingQueries[Kind];
}

type Readers = {
  readonly [Kind in GrowingKind]: (query: GrowingQueries[Kind], options: GrowingListOptions) => Promise<GrownList>;
};

/** Who reads them: each a bundle of its own, loaded when the first such list is opened. */
const READERS: Readers = {
  kubo: async (query, options) => (await import('./openKubo')).openKubo(query, options),
  cluster: async (query, options) => (await import('./openCluster')).openCluster(query, options),
  'pinning-service': async (query, options) => (await import('./openPinningService')).openPinningService(query, options),
};

export function readGrowing<Kind extends GrowingKind>(
  { kind, query }: GrowingRequest<Kind>,
  options: GrowingListOptions,
): Promise<GrownList> {
  return READERS[kind](query, options);
}
