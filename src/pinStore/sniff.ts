import { closeSync, fstatSync } from 'node:fs';
import { openRegularFile, readBytes, realFile } from '../base/regularFile';

/** The format of a file by its first and last bytes; its name doesn't count. */
export type StoreFormat = 'sqlite' | 'duckdb' | 'parquet' | 'arrow' | 'json' | 'empty' | 'unknown';

/** A list or an object, after a byte order mark and blanks. */
const BEGINS_AS_JSON = /^(?:\xef\xbb\xbf)?[ \t\r\n]*[[{]/;

/** Throws IpfsKitError: missing, not-a-file, unreadable. */
export function sniff(file: string): StoreFormat {
  const descriptor = openRegularFile(file);
  try {
    const { size } = fstatSync(descriptor);
    if (size === 0) return 'empty';
    const head = readBytes(file, descriptor, 0, 16).toString('latin1');
    if (head === 'SQLite format 3\0') return 'sqlite';
    if (head.slice(8, 12) === 'DUCK') return 'duckdb';
    if (head.startsWith('ARROW1')) return 'arrow';
    const isParquet =
      size >= 12 && head.startsWith('PAR1') && readBytes(file, descriptor, size - 4, 4).toString('latin1') === 'PAR1';
    if (isParquet) return 'parquet';
    if (hasJournal(file)) return 'sqlite';
    return BEGINS_AS_JSON.test(head) ? 'json' : 'unknown';
  } finally {
    closeSync(descriptor);
  }
}

/** A transaction that was aborted may have left no first page: then its rollback journal shows the format. */
function hasJournal(file: string): boolean {
  try {
    const journal = `${realFile(file)}-journal`;
    const descriptor = openRegularFile(journal);
    try {
      return readBytes(journal, descriptor, 0, 8).toString('hex') === 'd9d505f920a163d7';
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false; // The journal couldn't be read.
  }
}
