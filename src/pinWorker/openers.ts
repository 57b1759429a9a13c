import { IpfsKitError } from '../base/ipfsKitError';
import type { KeptQuery } from './lists/openKept';
import type { LiveQuery } from './lists/openLive';
import type { StoreQuery } from './lists/openStored';
import { openStored } from './lists/openStored';
import type { ClusterQuery } from './lists/readClusterPins';
import type { FilesQuery } from './lists/readFiles';
import type { KuboQuery } from './lists/readKuboPins';
import type { ServiceQuery } from './lists/readServicePins';
import type { OpenContext, Opened, Opener } from './opener';

/** The kinds of lists that can be opened, with the query of each. */
export interface OpenQueries {
  readonly live: LiveQuery;
  readonly store: StoreQuery;
  readonly kept: KeptQuery;
  readonly kubo: KuboQuery;
  readonly files: FilesQuery;
  readonly cluster: ClusterQuery;
  readonly 'pinning-service': ServiceQuery;
}

export type OpenKind = keyof OpenQueries;
export type OpenRequest<Kind extends OpenKind = OpenKind> = {
  [Each in Kind]: { readonly kind: Each; readonly query: OpenQueries[Each] };
}[Kind];

type Openers = { readonly [Kind in OpenKind]: Opener<OpenQueries[Kind]> };

/** The opener of each kind. Those of daemons and services are a bundle of their own: a store is listed sooner without HTTP, TLS and hashes. */
const OPENERS: Openers = {
  live: async (query, context) => (await import('./lists/openLive')).openLive(query, context),
  store: openStored,
  kept: async (query, context) => (await import('./lists/openKept')).openKept(query, context),
  kubo: async (query, context) => (await import('./lists/openStreamed')).openKubo(query, context),
  files: async (query, context) => (await import('./lists/openStreamed')).openFiles(query, context),
  cluster: async (query, context) => (await import('./lists/openStreamed')).openCluster(query, context),
  'pinning-service': async (query, context) => (await import('./lists/openStreamed')).openService(query, context),
};

/** Rejects with `invalid-argument` for a kind that is not in the table, and as the opener of the kind does. */
export async function openTable<Kind extends OpenKind>(
  { kind, query }: OpenRequest<Kind>,
  context: OpenContext,
): Promise<Opened> {
  if (!Object.hasOwn(OPENERS, kind)) throw new IpfsKitError('invalid-argument', `Unknown kind of list: “${kind}”.`);
  return OPENERS[kind](query, context);
}
