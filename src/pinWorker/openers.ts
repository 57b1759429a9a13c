import { IpfsKitError } from '../base/ipfsKitError';
import type { KeptQuery } from './lists/openKept';
import { openKept } from './lists/openKept';
import type { LiveQuery } from './lists/openLive';
import { openLive } from './lists/openLive';
import type { StoreQuery } from './lists/openStored';
import { openStored } from './lists/openStored';
import { openStreamed } from './lists/openStreamed';
import type { ClusterQuery } from './lists/readClusterPins';
import type { KuboQuery } from './lists/readKuboPins';
import type { ServiceQuery } from './lists/readServicePins';
import type { OpenContext, Opened, Opener } from './opener';

/** The kinds of lists that can be opened, with the query of each. */
export interface OpenQueries {
  readonly live: LiveQuery;
  readonly store: StoreQuery;
  readonly kept: KeptQuery;
  readonly kubo: KuboQuery;
  readonly cluster: ClusterQuery;
  readonly 'pinning-service': ServiceQuery;
}

export type OpenKind = keyof OpenQueries;
export type OpenRequest<Kind extends OpenKind = OpenKind> = {
  [Each in Kind]: { readonly kind: Each; readonly query: OpenQueries[Each] };
}[Kind];

type Openers = { readonly [Kind in OpenKind]: Opener<OpenQueries[Kind]> };

/** The opener of each kind. The readers of streamed lists are separate bundles, loaded with the first such list. */
const OPENERS: Openers = {
  live: openLive,
  store: openStored,
  kept: openKept,
  kubo: async (query, context) => openStreamed((await import('./lists/readKuboPins')).readKuboPins, 'kubo', query, context),
  cluster: async (query, context) =>
    openStreamed((await import('./lists/readClusterPins')).readClusterPins, 'cluster', query, context),
  'pinning-service': async (query, context) =>
    openStreamed((await import('./lists/readServicePins')).readServicePins, 'pinning-service', query, context),
};

/** Rejects with `invalid-argument` for a kind that is not in the table, and as the opener of the kind does. */
export async function openTable<Kind extends OpenKind>(
  { kind, query }: OpenRequest<Kind>,
  context: OpenContext,
): Promise<Opened> {
  if (!Object.hasOwn(OPENERS, kind)) throw new IpfsKitError('invalid-argument', `Unknown kind of list: “${kind}”.`);
  return OPENERS[kind](query, context);
}
