import type { Pin } from './pin';

/**
 * The column names of pins, as ipfs_kit_py and its relatives write them:
 * the 10-column Arrow schema, the 19 columns of its DuckDB `pins`, the older `enhanced_pins`, SQLite `pins` and `pin_cache`,
 * the SimplePinManager's Parquet files, and the dashboard's JSON; from `expiresAt` on, as our lists of IPFS Cluster and of pinning services name them.
 */
export const COLUMNS_OF_FIELD = [
  ['cid', ['cid']],
  ['name', ['name']],
  ['type', ['pin_type', 'type', 'recursive']],
  ['status', ['status']],
  ['sizeBytes', ['size_bytes', 'file_size', 'size']],
  ['pinnedAt', ['timestamp', 'created_at', 'pinned_at', 'last_updated']],
  ['vfsPath', ['vfs_path']],
  ['mountPoint', ['mount_point']],
  ['tier', ['primary_tier', 'storage_tier', 'tier', 'storage_tiers']],
  ['replicas', ['replication_factor', 'replication_count', 'replicas']],
  ['backend', ['backend']],
  ['integrity', ['integrity_status', 'verified']],
  ['lastAccessed', ['last_accessed', 'last_access']],
  ['expiresAt', ['expire_at', 'pinned_until']],
  ['replicasPinned', ['replicas_pinned']],
  ['replicasMin', ['replication_factor_min']],
  ['replicasMax', ['replication_factor_max']],
  ['metadata', ['cluster_metadata', 'pin_meta']],
] as const satisfies readonly (readonly [keyof Pin, readonly string[]])[];

/** All names of columns that a pin can be made of, in lower case. */
export const PIN_COLUMNS: readonly string[] = [...COLUMNS_OF_FIELD.flatMap(([, names]): readonly string[] => names), 'metadata'];

export type PinField = (typeof COLUMNS_OF_FIELD)[number][0];

/** What a column may hold: a field, or the JSON text of PinShape.record. */
export type ColumnRole = PinField | 'record';

/**
 * For each column name, ignoring case: the field that it may hold, and its rank among the columns that may hold it. The column with the lowest rank is used.
 */
export function fieldOfColumn(name: string): { readonly field: ColumnRole; readonly rank: number } | undefined {
  return FIELD_OF_COLUMN.get(name.toLowerCase());
}

const FIELD_OF_COLUMN = new Map<string, { readonly field: ColumnRole; readonly rank: number }>([
  ['metadata', { field: 'record', rank: 0 }],
  ...COLUMNS_OF_FIELD.flatMap(([field, names]) => names.map((name, rank) => [name, { field, rank }] as const)),
]);

/** Which column of a source holds which field of a pin. Names are as the source spells them. */
export interface PinShape {
  readonly columns: ReadonlyMap<PinField, string>;
  /** JSON text that may hold `name` and `size_bytes`, as in `pin_cache`. */
  readonly metadata?: string;
}

/** Finds the columns by name, case ignored. Undefined where there is no CID column: then it isn't a list of pins. */
export function shapeOf(names: readonly string[]): PinShape | undefined {
  const byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]));
  const columns = new Map<PinField, string>();
  for (const [field, candidates] of COLUMNS_OF_FIELD) {
    const found = candidates.map((candidate) => byLowerCase.get(candidate)).find((name) => name !== undefined);
    if (found !== undefined) columns.set(field, found);
  }
  if (!columns.has('cid')) return undefined;
  const metadata = byLowerCase.get('metadata');
  return metadata === undefined ? { columns } : { columns, metadata };
}

/** Whether a column holds yes or no, by its name. */
export function isFlag(column: string | undefined): boolean {
  return column !== undefined && FLAGS.has(column.toLowerCase());
}

const FLAGS = new Set(['recursive', 'verified']);
