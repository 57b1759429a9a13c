import type { StoreOptions } from '../../pinStore/openNewestStore';
import { openNewestStore } from '../../pinStore/openNewestStore';
import type { OpenContext, Opener } from '../opener';
import { TABLE_MAKERS } from './tableMakers';

export interface StoreQuery {
  /** Absolute path of a file or folder. */
  readonly databasePath: string;
  /** The Python that reads DuckDB; without it, DuckDB is not read. */
  readonly pythonPath?: string | undefined;
}

/** Opens the newest store at a path. Rejects as openNewestStore does. */
export const openStored: Opener<StoreQuery> = async ({ databasePath, pythonPath }, context) => {
  const { format, path, modifiedMs, ...store } = await openNewestStore(databasePath, storeOptions(pythonPath, context));
  return { ...store, source: format, location: path, asOfMs: modifiedMs };
};

export function storeOptions(pythonPath: string | undefined, context: OpenContext): StoreOptions {
  const { wasmFile, environment, tempFolder, signal, isStopped, onReceived } = context;
  return {
    wasmFile,
    python: pythonPath === undefined ? undefined : { path: pythonPath, environment, tempFolder },
    onReceived,
    tables: TABLE_MAKERS,
    signal,
    isStopped,
  };
}
