import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { SourceParts } from './sourceKind';

type RepositoryParts = Pick<SourceParts, 'settings' | 'repository' | 'isRepositorySet'>;

/** An address is set, the repository exists, or it was set and is missing, which its source then says. */
export function hasKubo({ settings, repository, isRepositorySet }: RepositoryParts): boolean {
  if (settings().kuboUrl !== undefined) return true;
  return mayBeThere(path.join(repository(), 'config')) || (isRepositorySet() && !existsSync(repository()));
}

/** Where the cluster peer of this machine has its configuration. */
export function clusterFolder(): string {
  return process.env['IPFS_CLUSTER_PATH'] ?? path.join(homedir(), '.ipfs-cluster');
}

/** One is set, or was made on this machine. */
export function hasCluster({ settings }: Pick<SourceParts, 'settings'>): boolean {
  return settings().clusterUrl !== undefined || mayBeThere(path.join(clusterFolder(), 'service.json'));
}

/** Also where it can't be told, for want of permission: then its source says so. */
function mayBeThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOTDIR');
  }
}
