import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { DEFAULT_CLUSTER_URL } from '../defaults';
import type { SourceSettings } from '../settings';
import type { Capabilities, PinSource } from './pinSource';

export interface OtherSourceParts {
  readonly settings: () => SourceSettings;
  /** Kubo's, absolute; it need not be there. */
  readonly repository: () => string;
  /** The value of the header `Authorization` for a URL or a socket. */
  readonly authorization: (place: string) => Promise<string | undefined>;
}

/** What is loaded when one of them is asked for the first time. */
type Bundle = typeof import('./daemonSources');

const KUBO: Capabilities = {
  names: true,
  sizes: 'asked',
  times: false,
  actions: ['pin', 'unpin', 'rename', 'verify'],
  stop: true,
};
const CLUSTER: Capabilities = {
  names: true,
  sizes: 'none',
  times: true,
  actions: ['pin', 'unpin', 'recover'],
  unpinEffect:
    'IPFS Cluster also unpins it in the Kubo below each of its peers, even where it had been pinned there by hand.',
  stop: false,
};
const SERVICE: Capabilities = { names: true, sizes: 'none', times: true, actions: [], stop: false };

type Facts = Pick<PinSource, 'id' | 'name' | 'capabilities' | 'isExpected'>;
type Asked = Omit<PinSource, keyof Facts>;

/** All that there could be besides ipfs_kit_py, by the settings. Their code is a bundle of its own; whether one is expected costs a look at a file. */
export function otherSources({ settings, repository, authorization }: OtherSourceParts): () => readonly PinSource[] {
  /** `has`: what it can be asked besides. */
  const lazily = (facts: Facts, has: readonly ('factsOf' | 'peers')[], make: (bundle: Bundle) => Asked): PinSource => {
    let made: Promise<Asked> | undefined;
    const source = (): Promise<Asked> => (made ??= import('./daemonSources').then(make));
    return {
      ...facts,
      probe: async (signal) => (await source()).probe(signal),
      open: async (options) => (await source()).open(options),
      place: async () => (await source()).place?.(),
      ...(facts.capabilities.actions.length > 0 && { run: async (...asked) => (await source()).run?.(...asked) }),
      ...(has.includes('factsOf') && {
        factsOf: async (cids, signal) => (await (await source()).factsOf?.(cids, signal)) ?? new Map(),
      }),
      ...(has.includes('peers') && { peers: async (signal) => (await (await source()).peers?.(signal)) ?? [] }),
    };
  };
  const wants = (what: string): boolean => settings().wanted.includes(what);
  const hasCluster = (): boolean => existsSync(path.join(homedir(), '.ipfs-cluster', 'service.json'));

  const kubo = lazily(
    {
      id: 'kubo',
      name: 'Kubo',
      capabilities: KUBO,
      isExpected: () => wants('kubo') && (settings().kuboUrl !== undefined || existsSync(path.join(repository(), 'config'))),
    },
    ['factsOf'],
    ({ createKuboSource }) =>
      createKuboSource({ repository, url: () => settings().kuboUrl, authorization, indirect: () => settings().indirect }),
  );
  const cluster = lazily(
    {
      id: 'cluster',
      name: 'IPFS Cluster',
      capabilities: CLUSTER,
      isExpected: () => wants('cluster') && (settings().clusterUrl !== undefined || hasCluster()),
    },
    ['factsOf', 'peers'],
    ({ createClusterSource }) =>
      createClusterSource({ url: () => settings().clusterUrl ?? DEFAULT_CLUSTER_URL, authorization }),
  );
  const services = new Map<string, PinSource>();
  const service = ({ name, url }: SourceSettings['services'][number]): PinSource => {
    const key = `${name} ${url}`;
    const known = services.get(key);
    if (known) return known;
    const source = lazily(
      { id: `service:${name}`, name, capabilities: SERVICE, isExpected: () => wants('services') },
      [],
      ({ createPinningServiceSource }) => createPinningServiceSource({ name, url, authorization }),
    );
    services.set(key, source);
    return source;
  };
  return () => [kubo, cluster, ...settings().services.map(service)];
}
