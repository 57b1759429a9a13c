import { closeSync } from 'node:fs';
import { openRegularFile, readBytes, statusOf } from './regularFile';

const MAGIC = 'd9d505f920a163d7';
const HEADER_BYTES = 28;

/**
 * Whether a rollback journal beside the database holds pages that a crashed or running transaction has overwritten in it.
 * A journal without this magic takes nothing back: SQLite writes the magic last, before it touches the database, and zeroes it to commit
 * (sqlite.org/fileformat2.html, section 3; sqlite.org/atomiccommit.html, 3.6 and 7.2). Throws unreadable.
 */
export function hasHotJournal(file: string): boolean {
  const journal = `${file}-journal`;
  const status = statusOf(journal);
  if (!status?.isFile() || status.size < HEADER_BYTES) return false;
  const descriptor = openRegularFile(journal);
  try {
    return readBytes(journal, descriptor, 0, 8).toString('hex') === MAGIC;
  } finally {
    closeSync(descriptor);
  }
}
