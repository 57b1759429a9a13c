import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { IpfsKitError } from '../ipfsKitError';

/** What a column chunk may be: said by the footer, and what IPFS Kit allows itself. */
export interface ChunkBounds {
  /** Of one column in one row group. */
  readonly values: number;
  /** Of all pages together when unpacked. */
  readonly unpackedBytes: number;
}

/** PageType of parquet.thrift. */
const DATA_PAGE = 0;
const INDEX_PAGE = 1;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;

/**
 * Walks the headers of a chunk's pages before any page is unpacked: a decoder makes room for as many values and bytes as a header says.
 * Gives what the pages unpack to. Throws corrupt, too-large; whatever leads out of the bytes throws RangeError.
 */
export function checkPages(file: string, column: string, chunk: ArrayBuffer, bounds: ChunkBounds): number {
  const damaged = (what: string): IpfsKitError =>
    new IpfsKitError(
      'corrupt',
      `${file} is damaged: the pages of its column "${column.slice(0, 100)}" ${what}. Restore it from a copy.`,
    );
  const reader = { view: new DataView(chunk), offset: 0 };
  let values = 0;
  let unpacked = 0;
  while (values < bounds.values) {
    if (reader.offset >= chunk.byteLength) throw damaged(`hold ${values} values of ${bounds.values}`);
    const header = deserializeTCompactProtocol(reader) as Readonly<Record<string, unknown>>;
    const packed = sizeOf(header['field_3']);
    const size = sizeOf(header['field_2']);
    if (packed === undefined || size === undefined || packed > chunk.byteLength - reader.offset)
      throw damaged('lead out of the file');
    unpacked += size;
    if (unpacked > bounds.unpackedBytes)
      throw new IpfsKitError(
        'too-large',
        `${file} unpacks to more than ${bounds.unpackedBytes} bytes in its column "${column.slice(0, 100)}". Start the daemon to list its pins.`,
      );
    const type = header['field_1'];
    const count = sizeOf(
      field(header[type === DATA_PAGE ? 'field_5' : type === DICTIONARY_PAGE ? 'field_7' : 'field_8'], 'field_1'),
    );
    if (type === DATA_PAGE || type === DATA_PAGE_V2) {
      if (count === undefined || count > bounds.values - values) throw damaged('hold more values than there are rows');
      values += count;
    } else if (type === DICTIONARY_PAGE) {
      if (count === undefined || count > size) throw damaged('have a dictionary that is longer than its bytes');
    } else if (type !== INDEX_PAGE) throw damaged('are of an unknown kind');
    reader.offset += packed;
  }
  return unpacked;
}

function field(table: unknown, name: string): unknown {
  return typeof table === 'object' && table !== null ? (table as Readonly<Record<string, unknown>>)[name] : undefined;
}

function sizeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
