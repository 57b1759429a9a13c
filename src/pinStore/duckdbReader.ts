import { IpfsKitError } from '../ipfsKitError';

export interface DuckdbOptions {
  /** Program that runs Python; undefined: DuckDB is not read. */
  readonly pythonPath?: string;
  readonly signal?: AbortSignal;
}

/** The pins of a DuckDB database as an Arrow stream. */
export function readDuckdb(file: string, options: DuckdbOptions): Promise<Uint8Array> {
  options;
  return Promise.reject(new IpfsKitError('unsupported', `${file} is a DuckDB database. Start the daemon to list its pins.`));
}
