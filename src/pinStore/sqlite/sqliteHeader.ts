import { nameOf } from '../../base/settingOrOption';
import { IpfsKitError } from '../../base/ipfsKitError';
import { emptyFile } from '../noPinsYet';
import type { LazyBytes } from './sqliteImage';

const HEADER_BYTES = 100;

/**
 * Reads the first 100 bytes (sqlite.org/fileformat2.html, section 1.3). They are checked before SQLite opens the file, since SQLite reports every file that
 * it can't open with the same message. Throws empty, not-a-database, corrupt.
 */
export function readHeader(file: string, bytes: LazyBytes): { readonly isUtf8: boolean } {
  if (bytes.length === 0) throw emptyFile(file);
  const header = Buffer.from(bytes.subarray(0, Math.min(HEADER_BYTES, bytes.length)));
  if (!'SQLite format 3\0'.startsWith(header.toString('latin1', 0, 16)))
    throw new IpfsKitError('not-a-database', `${file} is not a SQLite database. Set ${nameOf('database')} to the pin database.`);
  if (header.length < HEADER_BYTES)
    throw new IpfsKitError(
      'corrupt',
      `${file} is damaged: it ends within its header. Restore it from a copy, or let ipfs_kit_py write it again.`,
    );
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const isPowerOfTwo = (pageSize & (pageSize - 1)) === 0;
  const isReadable = header.readUInt8(19) <= 2;
  const fractions = header.toString('hex', 21, 24);
  const usable = pageSize - header.readUInt8(20);
  if (pageSize < 512 || !isPowerOfTwo || !isReadable || fractions !== '402020' || usable < 480)
    throw new IpfsKitError(
      'not-a-database',
      `${file} begins like a SQLite database but can't be read: it is encrypted, or written by a newer version. Set ${nameOf('database')} to another.`,
    );
  // SQLite fills a truncated page with zeros and reads rows from it; here it counts as damage.
  const isCountCurrent = header.readUInt32BE(28) > 0 && header.readUInt32BE(24) === header.readUInt32BE(92);
  const pages = isCountCurrent ? header.readUInt32BE(28) : Math.ceil(bytes.length / pageSize);
  if (pages * pageSize > bytes.length)
    throw new IpfsKitError(
      'corrupt',
      `${file} is damaged: it is cut off, after ${bytes.length} of ${pages * pageSize} bytes. Restore it from a copy, or let ipfs_kit_py write it again.`,
    );
  return { isUtf8: header.readUInt32BE(56) <= 1 };
}
