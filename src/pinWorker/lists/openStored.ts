import type { StoreOptions } from '../../pinStore/openNewestStore';
import { openNewestStore } from '../../pinStore/openNewestStore';
import type { PinSetName } from '../../pinStore/pinSets';
import type { OpenContext, Opener } from '../opener';
import { TABLE_MAKERS } from './tableMakers';

export interface StoreQuery {
  /** Absolute path of a file or folder. */
  readonly databasePath: string;
  /** The Python that reads DuckDB; without it, DuckDB is not read. */
  readonly pythonPath?: string | undefined;
  /** Only the stores of this set are opened. */
  readonly set?: PinSetName | undefined;
}

/** Opens the newest store at a path. Rejects as openNewestStore does. */
export const openStored: Opener<StoreQuery> = async ({ databasePath, pythonPath, set }, context) => {
  const opening = openNewestStore(databasePath, storeOptions(pythonPath, context), set);
  const { format, path, modifiedMs, ...store } = await opening;
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
