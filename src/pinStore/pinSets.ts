import path from 'node:path';
import type { StoreCandidate } from './locate';
import { isDashboardList } from './locate';
import type { StoreFormat } from './sniff';

/**
 * The sets of pins that ipfs_kit_py's programs keep in its data folder, each for itself: no program reads the set of another. A set may be in several stores,
 * one of which is an export or a cache of the other.
 */
export type PinSetName = 'dashboard' | 'pin manager' | 'pin index' | 'older pin index' | 'backends';

/** The newest store of a set that isn't the listed one. */
export interface OtherSet extends Pick<StoreCandidate, 'path' | 'modifiedMs' | 'sizeBytes'> {
  /** Left out for a database that no program of ipfs_kit_py writes: it is a set by itself. */
  readonly name?: PinSetName | undefined;
  readonly format: Exclude<StoreFormat, 'empty' | 'unknown'>;
}

/** More are neither named nor counted. */
const MOST_OTHERS = 20;

/** The set that a store belongs to, by its place below the data folder; undefined for a database that ipfs_kit_py doesn't write. */
export function setOf(store: string): PinSetName | undefined {
  const [file, folder, above] = [path.basename(store), path.basename(path.dirname(store)), aboveOf(store)];
  if (isDashboardList(file)) return 'dashboard';
  if (above === 'backends' || file === 'backends' || file === 'mcp_metadata_cache.db') return 'backends';
  if (folder === 'enhanced_pin_index') return 'older pin index';
  if (folder === 'parquet_storage' || file === 'parquet_storage') return 'pin index';
  if (folder !== 'pin_metadata') return undefined;
  if (file === 'pins.parquet') return 'pin manager';
  return file === 'pin_metadata.duckdb' || file === 'enhanced_pins.parquet' ? 'pin index' : undefined;
}

function aboveOf(store: string): string {
  return path.basename(path.dirname(path.dirname(store)));
}

/**
 * Whether a file only describes the pins of another one: it has CIDs, and isn't a list of pins. `pin_metadata.parquet` keeps those that the pin manager has
 * removed from its `pins.parquet`; its shard index has no status, and is written last.
 */
export function isAboutPins(store: string): boolean {
  const name = path.basename(store);
  const ofManager = name === 'pin_metadata.parquet' || name === 'pin_metadata_shard_index.parquet';
  return name === 'pin_analytics.parquet' || (ofManager && path.basename(path.dirname(store)) === 'pin_metadata');
}

/** The sets of these stores apart from the listed ones, each by its newest store that isn't listed. `candidates`: newest first. */
export function otherSets(
  candidates: readonly StoreCandidate[],
  listed: { readonly sets: readonly (PinSetName | undefined)[]; readonly stores: readonly string[] },
): readonly OtherSet[] {
  const found = new Map<string, OtherSet>();
  for (const { path: store, format, modifiedMs, sizeBytes } of candidates) {
    const name = setOf(store);
    const isListed = listed.stores.includes(store) || (name !== undefined && listed.sets.includes(name));
    if (isListed || isAboutPins(store) || format === 'empty' || format === 'unknown') continue;
    const key = name ?? store;
    if (!found.has(key) && found.size < MOST_OTHERS) found.set(key, { name, path: store, format, modifiedMs, sizeBytes });
  }
  return [...found.values()];
}
