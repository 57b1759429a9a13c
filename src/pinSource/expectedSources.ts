import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { SourceSettings } from '../base/settings';

export interface ExpectedPlaces {
  readonly settings: () => SourceSettings;
  /** Kubo's, absolute; it need not be there. */
  readonly repository: () => string;
  /** By the setting: then it is missed where it is not there. */
  readonly isRepositorySet: () => boolean;
}

/** Whether there could be pins besides those of ipfs_kit_py. Looks at two files, at most. */
export function areOthersExpected(places: ExpectedPlaces): boolean {
  const settings = places.settings();
  return hasKubo(places) || hasCluster(settings) || (settings.wanted.includes('services') && settings.services.length > 0);
}

export function hasKubo({ settings, repository, isRepositorySet }: ExpectedPlaces): boolean {
  const { wanted, kuboUrl } = settings();
  return (
    wanted.includes('kubo') &&
    (kuboUrl !== undefined || mayBeThere(path.join(repository(), 'config')) || (isRepositorySet() && !existsSync(repository())))
  );
}

/** Where the cluster peer of this machine has its configuration. */
export function clusterFolder(): string {
  return process.env['IPFS_CLUSTER_PATH'] ?? path.join(homedir(), '.ipfs-cluster');
}

/** One is set, or was made on this machine. */
export function hasCluster({ wanted, clusterUrl }: SourceSettings): boolean {
  return wanted.includes('cluster') && (clusterUrl !== undefined || mayBeThere(path.join(clusterFolder(), 'service.json')));
}

/** Also where it can't be told, for want of permission: then its source says so. */
function mayBeThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOTDIR');
  }
}
