/** The one file that loads hyparquet; a bundle of its own, loaded when a Parquet file was found. */
import { IpfsKitError } from '../ipfsKitError';
import type { ColumnSource } from '../pin/columnSource';

export interface ParquetOptions {
  readonly signal?: AbortSignal;
}

export interface ParquetPins {
  readonly source: ColumnSource;
  /** What was read, for people. */
  readonly detail: string;
}

/** The columns of a Parquet file that pins are made of. */
export function readParquet(file: string, options: ParquetOptions): Promise<ParquetPins> {
  options;
  return Promise.reject(new IpfsKitError('unsupported', `${file} is a Parquet file. Start the daemon to list its pins.`));
}
