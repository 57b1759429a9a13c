import type { SourceSettings } from '../settings';
import { createClusterSource } from './clusterSource';
import type { ExpectedPlaces } from './expectedSources';
import { clusterUrl, hasKubo } from './expectedSources';
import { createKuboSource } from './kuboSource';
import { createPinningServiceSource } from './pinningServiceSource';
import type { PinSource } from './pinSource';

export interface DaemonSourceParts extends ExpectedPlaces {
  /** The value of the header `Authorization` for a URL or a socket. */
  readonly authorization: (place: string) => Promise<string | undefined>;
}

/** The sources besides ipfs_kit_py that are expected by now. A bundle of its own, loaded when there is one. */
export function createDaemonSources(parts: DaemonSourceParts): () => readonly PinSource[] {
  const { settings, repository, authorization } = parts;
  const kubo = createKuboSource({
    repository,
    url: () => settings().kuboUrl,
    authorization,
    indirect: () => settings().indirect,
  });
  const cluster = createClusterSource({ url: () => clusterUrl(settings()), authorization });
  const services = new Map<string, PinSource>();
  const serviceAt = ({ name, url }: SourceSettings['services'][number]): PinSource => {
    const key = `${name} ${url}`;
    const service = services.get(key) ?? createPinningServiceSource({ name, url, authorization });
    services.set(key, service);
    return service;
  };
  return () => [
    ...(hasKubo(parts) ? [kubo] : []),
    ...(clusterUrl(settings()) === undefined ? [] : [cluster]),
    ...(settings().wanted.includes('services') ? settings().services.map(serviceAt) : []),
  ];
}
