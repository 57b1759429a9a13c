import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { homeFolder } from '../base/homePath';
import type { SourceParts } from './sourceKind';

type RepositoryParts = Pick<SourceParts, 'settings' | 'repository' | 'isRepositorySet'>;

/** True where an address is set, the repository exists, or the user has set a repository that is missing: the source then reports that. */
export function hasKubo({ settings, repository, isRepositorySet }: RepositoryParts): boolean {
  if (settings().kuboUrl !== undefined) return true;
  return mayBeThere(path.join(repository(), 'config')) || (isRepositorySet() && !existsSync(repository()));
}

/** The folder with the configuration of this machine's cluster peer. */
export function clusterFolder(): string {
  return process.env['IPFS_CLUSTER_PATH'] ?? path.join(homeFolder(), '.ipfs-cluster');
}

/** True where a cluster URL is set, or this machine has the configuration of a cluster peer. */
export function hasCluster({ settings }: Pick<SourceParts, 'settings'>): boolean {
  return settings().clusterUrl !== undefined || mayBeThere(path.join(clusterFolder(), 'service.json'));
}

/** True also where permissions hide the file: the source then reports that. */
function mayBeThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOTDIR');
  }
}
