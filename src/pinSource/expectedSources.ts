import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { DEFAULT_CLUSTER_URL } from '../defaults';
import type { SourceSettings } from '../settings';

export interface ExpectedPlaces {
  readonly settings: () => SourceSettings;
  /** Kubo's, absolute; it need not be there. */
  readonly repository: () => string;
}

/** Whether there could be pins besides those of ipfs_kit_py. Looks at two files, at most. */
export function areOthersExpected(places: ExpectedPlaces): boolean {
  const { wanted, services } = places.settings();
  return hasKubo(places) || clusterUrl(places.settings()) !== undefined || (wanted.includes('services') && services.length > 0);
}

export function hasKubo({ settings, repository }: ExpectedPlaces): boolean {
  const { wanted, kuboUrl } = settings();
  return wanted.includes('kubo') && (kuboUrl !== undefined || existsSync(path.join(repository(), 'config')));
}

/** Of the cluster's REST API: set, or the usual one where a cluster was made on this machine. */
export function clusterUrl({ wanted, clusterUrl: set }: SourceSettings): string | undefined {
  if (!wanted.includes('cluster')) return undefined;
  return set ?? (existsSync(path.join(homedir(), '.ipfs-cluster', 'service.json')) ? DEFAULT_CLUSTER_URL : undefined);
}
