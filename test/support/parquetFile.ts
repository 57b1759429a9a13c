/** Writes Parquet files with arbitrary pages, valid or hostile, which no library does. Format: parquet.thrift in Thrift's compact protocol. */

export const ENCODING = { plain: 0, rle: 3, deltaBinary: 5, deltaLength: 6, deltaByteArray: 7, dictionary: 8 } as const;
export const CODEC = { none: 0, snappy: 1, gzip: 2, brotli: 4, zstd: 6 } as const;
export const TYPE = { boolean: 0, int32: 1, int64: 2, bytes: 6, fixed: 7 } as const;

export interface MadePage {
  readonly kind: 'data' | 'dictionary' | 'dataV2';
  /** The bytes in the file, which are compressed if the column is. */
  readonly bytes: Uint8Array;
  /** The uncompressed length that the header states; by default the length of `bytes`. */
  readonly unpackedBytes?: number;
  readonly values: number;
  readonly encoding?: number;
  /** Number of nulls, for a page of version 2. */
  readonly nulls?: number;
  readonly levelBytes?: number;
}

export interface MadeColumn {
  readonly name: string;
  readonly type: number;
  /** Converted type; default UTF8 for byte arrays. */
  readonly converted?: number;
  readonly typeLength?: number;
  readonly optional?: boolean;
  readonly codec?: number;
  readonly pages: readonly MadePage[];
  /** Statistics in the footer. A file that names the same pages twice doesn't need a second copy of them. */
  readonly statistics?: Uint8Array;
}

const KIND = { i32: 5, i64: 6, bytes: 8, list: 9, struct: 12 } as const;

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  for (let left = BigInt(value); ; left >>= 7n) {
    if (left < 128n) return Buffer.from([...bytes, Number(left)]);
    bytes.push(Number(left & 127n) | 128);
  }
}

export function zigzag(value: number | bigint): Buffer {
  const whole = BigInt(value);
  return varint(whole >= 0n ? 2n * whole : -2n * whole - 1n);
}

type Value = number | bigint | Uint8Array | string | Fields | readonly Value[];
interface Fields {
  readonly [id: number]: Value | undefined;
}

/** A Thrift struct: a bigint is an i64, a number an i32, and an array a list of the type of its first item. */
export function thrift(fields: Fields): Buffer {
  const parts: Uint8Array[] = [];
  let last = 0;
  for (const [key, value] of Object.entries(fields) as [string, Value | undefined][]) {
    if (value === undefined) continue;
    const id = Number(key);
    const type = typeOf(value);
    const head = id - last < 16 ? Buffer.from([((id - last) << 4) | type]) : Buffer.concat([Buffer.from([type]), zigzag(id)]);
    parts.push(head, encoded(value));
    last = id;
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function typeOf(value: Value): number {
  if (typeof value === 'number') return KIND.i32;
  if (typeof value === 'bigint') return KIND.i64;
  if (typeof value === 'string' || value instanceof Uint8Array) return KIND.bytes;
  return isList(value) ? KIND.list : KIND.struct;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function encoded(value: Value): Uint8Array {
  if (typeof value === 'number' || typeof value === 'bigint') return zigzag(value);
  if (typeof value === 'string' || value instanceof Uint8Array)
    return Buffer.concat([varint(Buffer.byteLength(value)), Buffer.from(value)]);
  if (!isList(value)) return thrift(value);
  const type = typeOf(value[0] ?? 0);
  const head =
    value.length < 15
      ? Buffer.from([(value.length << 4) | type])
      : Buffer.concat([Buffer.from([0xf0 | type]), varint(value.length)]);
  return Buffer.concat([head, ...value.map(encoded)]);
}

/** The parts of a file with one row group. The footer names that group `again` times. */
export function parquetFile(rows: number, columns: readonly MadeColumn[], again = 1): Uint8Array[] {
  const parts: Uint8Array[] = [Buffer.from('PAR1')];
  let at = 4;
  const chunks = columns.map(({ name, type, codec = CODEC.none, pages, statistics }) => {
    const start = at;
    let dataAt = start;
    let unpacked = 0;
    for (const page of pages) {
      const header = pageHeader(page);
      parts.push(header, page.bytes);
      if (page.kind === 'dictionary') dataAt = at + header.length + page.bytes.length;
      at += header.length + page.bytes.length;
      unpacked += page.unpackedBytes ?? page.bytes.length;
    }
    const hasDictionary = pages[0]?.kind === 'dictionary';
    return {
      2: BigInt(start),
      3: {
        1: type,
        2: [ENCODING.plain],
        3: [name],
        4: codec,
        5: BigInt(rows),
        6: BigInt(unpacked),
        7: BigInt(at - start),
        9: BigInt(dataAt),
        11: hasDictionary ? BigInt(start) : undefined,
        12: statistics && { 5: statistics, 6: statistics },
      },
    };
  });
  const schema = columns.map(({ name, type, optional = false, converted, typeLength }) => ({
    1: type,
    2: typeLength,
    3: optional ? 1 : 0,
    4: name,
    6: converted ?? (type === TYPE.bytes ? 0 : undefined),
  }));
  const group = { 1: chunks, 2: BigInt(at), 3: BigInt(rows) };
  const footer = thrift({
    1: 1,
    2: [{ 4: 'schema', 5: columns.length }, ...schema],
    3: BigInt(rows * again),
    4: Array.from({ length: again }, () => group),
  });
  return [...parts, ...footerOf(footer)];
}

/** The end of a file with this footer, whatever its bytes are. */
export function footerOf(footer: Uint8Array): Uint8Array[] {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return [footer, length, Buffer.from('PAR1')];
}

function pageHeader({
  kind,
  bytes,
  unpackedBytes = bytes.length,
  values,
  encoding = ENCODING.plain,
  nulls = 0,
  levelBytes = 0,
}: MadePage): Buffer {
  return thrift({
    1: kind === 'data' ? 0 : kind === 'dictionary' ? 2 : 3,
    2: unpackedBytes,
    3: bytes.length,
    5: kind === 'data' ? { 1: values, 2: encoding, 3: ENCODING.rle, 4: ENCODING.rle } : undefined,
    7: kind === 'dictionary' ? { 1: values, 2: ENCODING.plain } : undefined,
    8: kind === 'dataV2' ? { 1: values, 2: nulls, 3: values, 4: encoding, 5: levelBytes, 6: 0 } : undefined,
  });
}

/** PLAIN texts, each with its length before it. */
export function plainTexts(texts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );
}

/** A run of the RLE hybrid encoding: `count` times the same one-byte value. */
export function run(count: number, value: number): Buffer {
  return Buffer.concat([varint(2 * count), Buffer.from([value])]);
}

/** DELTA_BINARY_PACKED of `count` numbers that begin with `first` and increase by `step`. */
export function deltaRun(count: number, first: number, step: number): Buffer {
  const blocks = Math.max(0, Math.ceil((count - 1) / BLOCK));
  const block = Buffer.concat([zigzag(step), Buffer.alloc(4)]);
  return Buffer.concat([varint(BLOCK), varint(4), varint(count), zigzag(first), ...Array.from({ length: blocks }, () => block)]);
}

/** The largest block size, by which a file of few bytes can stand for many numbers. */
const BLOCK = 2 ** 20;
