import type { ThriftStruct, ThriftValue } from './thrift';
import { readStruct } from './thrift';

/** A page of a column, compressed as it is in the file. */
export interface Page {
  readonly kind: 'data' | 'dataV2' | 'dictionary';
  readonly bytes: Buffer;
  readonly unpackedBytes: number;
  /** Only for pages of version 2: the bytes of the levels before the values, which are never compressed. */
  readonly levelBytes: { readonly repetition: number; readonly definition: number };
  readonly isPacked: boolean;
  readonly values: number;
  /** The encoding, by its number in ENCODING. */
  readonly encoding: number;
}

/** Encoding of parquet.thrift. */
export const ENCODING = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  deltaBinary: 5,
  deltaLength: 6,
  deltaBytes: 7,
  dictionary: 8,
  split: 9,
} as const;

/** PageType of parquet.thrift. */
const KINDS = ['data', 'index', 'dictionary', 'dataV2'] as const;
const V1 = { 1: 'number', 2: 'number' } as const;
const V2 = { 1: 'number', 4: 'number', 5: 'number', 6: 'number', 7: 'boolean' } as const;
const HEADER = { 1: 'number', 2: 'number', 3: 'number', 5: V1, 7: V1, 8: V2 } as const;
/** The field of a page header that describes its type further. */
const DETAILS = { data: 5, dictionary: 7, dataV2: 8 } as const;

/** A header contains the least and the greatest value of its page in full, and these may be long. */
const HEADER_BYTES = 4096;
const LONGEST_HEADER = 2 ** 22;

/** Reads the header and the bytes of the next page; bytes of an index are skipped. Throws RangeError. */
export function pageReader(read: (start: number, end: number) => Buffer, start: number, end: number): (most: number) => Page {
  let at = start;
  const header = (): ThriftStruct => {
    for (let length = HEADER_BYTES; ; length = LONGEST_HEADER) {
      const bytes = read(at, Math.min(end, at + length));
      const place = { bytes, at: 0, itemsLeft: 0 };
      try {
        const found = readStruct(place, HEADER);
        at += place.at;
        return found;
      } catch (error) {
        if (bytes.length < length || length === LONGEST_HEADER) throw error;
      }
    }
  };
  return (most) => {
    for (;;) {
      if (at >= end) throw new RangeError('its pages end before its rows do');
      const fields = header();
      const kind = KINDS[whole(fields[1])];
      const [unpackedBytes, packedBytes] = [whole(fields[2]), whole(fields[3])];
      if (packedBytes > end - at) throw new RangeError('a page extends beyond its column');
      const from = at;
      at += packedBytes;
      if (kind === 'index') continue;
      if (!kind) throw new RangeError('a page has an unknown type');
      if (unpackedBytes > most || packedBytes > most) throw new TooLargePage();
      const details = fields[DETAILS[kind]] as ThriftStruct | undefined;
      const levelBytes = { repetition: orNone(details?.[6], kind), definition: orNone(details?.[5], kind) };
      return {
        kind,
        bytes: read(from, at),
        unpackedBytes,
        levelBytes,
        isPacked: kind !== 'dataV2' || details?.[7] !== false,
        values: whole(details?.[1]),
        encoding: whole(details?.[kind === 'dataV2' ? 4 : 2]),
      };
    }
  };
}

/** Signals only the fact: the caller knows the limit and the file. */
export class TooLargePage extends Error {}

function orNone(value: ThriftValue | undefined, kind: Page['kind']): number {
  return kind === 'dataV2' ? whole(value) : 0;
}

function whole(value: ThriftValue | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError('the header of a page lacks a number');
}
