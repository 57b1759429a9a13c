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
  /** The value of the header `Authorization` for a source. */
  readonly authorization: (id: string) => Promise<string | undefined>;
}

/** Where to ask, and with what right. */
export interface Whereabouts {
  /** Undefined: where the repository says; of Kubo alone. */
  readonly url?: string;
  readonly repository?: string;
  readonly authorization: () => Promise<string | undefined>;
}

/** What is loaded when one of them is asked for the first time. */
type Bundle = typeof import('./daemonSources');

const CLUSTER_EFFECT =
  'IPFS Cluster also unpins it in the Kubo below each of its peers, even where it had been pinned there by hand.';

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
  unpinEffect: CLUSTER_EFFECT,
  stop: false,
};
const SERVICE: Capabilities = { names: true, sizes: 'none', times: true, actions: [], stop: false };

/** All that there could be besides ipfs_kit_py, by the settings. Their code is a bundle of its own; whether one is expected costs a look at a file. */
export function otherSources({ settings, repository, authorization }: OtherSourceParts): () => readonly PinSource[] {
  let loading: Promise<Bundle> | undefined;
  const load = (): Promise<Bundle> => (loading ??= import('./daemonSources'));

  const lazily = (
    facts: Pick<PinSource, 'id' | 'name' | 'capabilities' | 'isExpected'>,
    make: (bundle: Bundle) => Omit<PinSource, keyof typeof facts>,
  ): PinSource => {
    let made: Promise<Omit<PinSource, keyof typeof facts>> | undefined;
    const source = (): Promise<Omit<PinSource, keyof typeof facts>> => (made ??= load().then(make));
    return {
      ...facts,
      probe: async (signal) => (await source()).probe(signal),
      open: async (options) => (await source()).open(options),
      ...(facts.capabilities.actions.length > 0 && {
        run: async (...asked) => (await source()).run?.(...asked),
      }),
      ...(facts.capabilities.sizes === 'asked' && {
        sizeOf: async (cid, signal) => (await source()).sizeOf?.(cid, signal),
      }),
    };
  };
  const wants = (what: string): boolean => settings().wanted.includes(what);

  const kubo = lazily(
    {
      id: 'kubo',
      name: 'Kubo',
      capabilities: KUBO,
      isExpected: () => wants('kubo') && (settings().kuboUrl !== undefined || existsSync(path.join(repository(), 'config'))),
    },
    ({ kuboSource }) =>
      kuboSource(() => {
        const { kuboUrl } = settings();
        const where = kuboUrl === undefined ? { repository: repository() } : { url: kuboUrl };
        return { ...where, authorization: () => authorization('kubo') };
      }),
  );
  const cluster = lazily(
    {
      id: 'cluster',
      name: 'IPFS Cluster',
      capabilities: CLUSTER,
      isExpected: () =>
        wants('cluster') &&
        (settings().clusterUrl !== undefined || existsSync(path.join(homedir(), '.ipfs-cluster', 'service.json'))),
    },
    ({ clusterSource }) =>
      clusterSource(() => ({
        url: settings().clusterUrl ?? DEFAULT_CLUSTER_URL,
        authorization: () => authorization('cluster'),
      })),
  );
  const services = new Map<string, PinSource>();
  const service = (name: string): PinSource => {
    const id = `service:${name}`;
    const known = services.get(id);
    if (known) return known;
    const at = (): string => settings().services.find((each) => each.name === name)?.url ?? '';
    const source = lazily(
      { id, name, capabilities: SERVICE, isExpected: () => wants('services') && at() !== '' },
      ({ pinningServiceSource }) => pinningServiceSource(name, () => ({ url: at(), authorization: () => authorization(id) })),
    );
    services.set(id, source);
    return source;
  };
  return () => [kubo, cluster, ...settings().services.map(({ name }) => service(name))];
}
