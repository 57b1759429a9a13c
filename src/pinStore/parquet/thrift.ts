/**
 * Reads Thrift's compact protocol, in which Parquet stores its metadata. Only the requested fields are read; all others are skipped without making a value. A
 * list that claims to be longer than its bytes allocates nothing: a library's reader took gigabytes for a file of 300 bytes. Format: thrift-compact-protocol.md
 * of Apache Thrift.
 */
type Wanted = 'number' | 'boolean' | 'bytes' | WantedStruct | readonly [Wanted];
/** The values of the fields, by field number. */
export interface WantedStruct {
  readonly [field: number]: Wanted;
}

export type ThriftValue = number | boolean | Uint8Array | ThriftStruct | readonly ThriftValue[];
export interface ThriftStruct {
  readonly [field: number]: ThriftValue | undefined;
}

/** The position of a reader, from which it continues. */
interface ThriftPlace {
  readonly bytes: Uint8Array;
  at: number;
  /** How many items of lists may still be kept. */
  itemsLeft: number;
}

const KIND = { stop: 0, yes: 1, no: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, bytes: 8, list: 9, struct: 12 } as const;
const DEEPEST = 32;
/** The most bytes of a 64-bit varint. */
const LONGEST_VARINT = 10;

/** Throws RangeError if the bytes aren't a struct, or hold more items than allowed. */
export function readStruct(place: ThriftPlace, wanted: WantedStruct, depth = 0): ThriftStruct {
  if (depth > DEEPEST) throw new RangeError('its metadata is nested too deeply');
  const fields: Record<number, ThriftValue> = {};
  for (let field = 0; ;) {
    const head = byteAt(place);
    const kind = head & 0x0f;
    if (kind === KIND.stop) return fields;
    field = head >> 4 === 0 ? zigzag(place) : field + (head >> 4);
    const want = wanted[field];
    if (want === undefined) skip(place, kind, depth + 1);
    else fields[field] = readValue(place, kind, want, depth + 1, kind === KIND.yes);
  }
}

function readValue(place: ThriftPlace, kind: number, wanted: Wanted, depth: number, flag: boolean): ThriftValue {
  if (typeof wanted === 'object' && !isList(wanted)) return readStruct(place, expected(kind === KIND.struct, wanted), depth);
  if (isList(wanted)) return readList(place, expected(kind === KIND.list, wanted), depth);
  switch (wanted) {
    case 'boolean':
      return expected(kind === KIND.yes || kind === KIND.no, flag);
    case 'bytes': {
      const length = expected(kind === KIND.bytes, varint(place));
      if (length > place.bytes.length - place.at) throw new RangeError('a text is longer than its metadata');
      return place.bytes.subarray(place.at, (place.at += length));
    }
    case 'number':
      if (kind === KIND.byte) return (byteAt(place) << 24) >> 24;
      return expected(kind === KIND.i16 || kind === KIND.i32 || kind === KIND.i64, zigzag(place));
  }
}

function isList(wanted: Wanted): wanted is readonly [Wanted] {
  return Array.isArray(wanted);
}

function expected<T>(isSo: boolean, value: T): T {
  if (!isSo) throw new RangeError('its metadata has a field of the wrong type');
  return value;
}

function readList(place: ThriftPlace, [wanted]: readonly [Wanted], depth: number): readonly ThriftValue[] {
  const { kind, length } = listHead(place);
  place.itemsLeft -= length;
  if (place.itemsLeft < 0) throw new RangeError('its metadata has too many parts');
  const items: ThriftValue[] = [];
  for (let item = 0; item < length; item++) {
    const isFlag = kind === KIND.yes || kind === KIND.no;
    items.push(readValue(place, kind, wanted, depth, isFlag && byteAt(place) === KIND.yes));
  }
  return items;
}

function skip(place: ThriftPlace, kind: number, depth: number): void {
  if (depth > DEEPEST) throw new RangeError('its metadata is nested too deeply');
  switch (kind) {
    case KIND.yes:
    case KIND.no:
      return;
    case KIND.byte:
      return move(place, 1);
    case KIND.i16:
    case KIND.i32:
    case KIND.i64:
      return void varint(place);
    case KIND.double:
      return move(place, 8);
    case KIND.bytes:
      return move(place, varint(place));
    case KIND.list: {
      const { kind: of, length } = listHead(place);
      if (of === KIND.yes || of === KIND.no) return move(place, length);
      for (let item = 0; item < length; item++) skip(place, of, depth + 1);
      return;
    }
    case KIND.struct:
      for (;;) {
        const head = byteAt(place);
        if ((head & 0x0f) === KIND.stop) return;
        if (head >> 4 === 0) varint(place);
        skip(place, head & 0x0f, depth + 1);
      }
    default:
      throw new RangeError(`its metadata has a field of type ${kind}, which Parquet doesn't use`);
  }
}

/** Each item takes at least one byte. */
function listHead(place: ThriftPlace): { readonly kind: number; readonly length: number } {
  const head = byteAt(place);
  const length = head >> 4 === 15 ? varint(place) : head >> 4;
  if (length > place.bytes.length - place.at) throw new RangeError('a list is longer than its metadata');
  return { kind: head & 0x0f, length };
}

function move(place: ThriftPlace, bytes: number): void {
  if (bytes > place.bytes.length - place.at) throw new RangeError('its metadata ends early');
  place.at += bytes;
}

function byteAt(place: ThriftPlace): number {
  const byte = place.bytes[place.at++];
  if (byte === undefined) throw new RangeError('its metadata ends early');
  return byte;
}

/** Values beyond 2^53 are rounded. */
export function varint(place: ThriftPlace): number {
  let value = 0;
  for (let length = 0, scale = 1; length < LONGEST_VARINT; length++, scale *= 128) {
    const byte = byteAt(place);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  throw new RangeError('a number in its metadata is too long');
}

function zigzag(place: ThriftPlace): number {
  const value = varint(place);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
