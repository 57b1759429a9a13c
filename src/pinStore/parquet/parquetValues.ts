import type { DecodedArray, ParquetParsers, SchemaElement } from 'hyparquet';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { ENCODING } from './parquetPages';
import { varint } from './thrift';

/**
 * Reads the values of decompressed pages. The library reads numbers, and gets no more memory than their bytes can fill. Texts, levels and the indices of
 * dictionaries are read here, because the library makes an object for each text before it is decoded, fills an array to the length that a run declares (which
 * ended the process for a file of 125 bytes), and copies each prefix that a text shares with the previous one. Encodings: Encodings.md of the Parquet format.
 */

/** More than is ever shown or read as JSON of a single text. */
const MAX_TEXT_BYTES = 2 ** 20;
/** The most bytes of a fixed-length value that is a number: 76 digits. */
const LONGEST_NUMBER = 32;
/** The most bits of an index: a dictionary has no more entries than a page has bytes. */
const WIDEST = 24;
const BYTES_OF: Readonly<Record<string, number>> = { INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8 };

/** Decompressed bytes, read from the beginning. */
export interface Values {
  readonly bytes: Buffer;
  at: number;
  /** Called with the number of heap bytes that a value takes, before the next one is made. Throws when the limit is exceeded. */
  readonly charge: (heapBytes: number) => void;
}

/** Heap memory that V8 uses for a text in addition to its units, for an array of bytes, for a time or a 64-bit integer, and for any other number. */
const TEXT_HEAD = 24;
const BYTES_HEAD = 200;
const TIME_BYTES = 128;
const NUMBER_BYTES = 16;

/**
 * Reads `count` values of a page by its encoding, as they are shown. `dictionary` holds the entries of the dictionary, if the column has one. Throws
 * RangeError.
 */
export function readValues(
  from: Values,
  { type, type_length: length = 0, ...element }: SchemaElement,
  encoding: number,
  count: number,
  dictionary: ArrayLike<unknown> | undefined,
): ArrayLike<unknown> {
  if (count === 0) return [];
  const whole = { ...element, type, type_length: length } as SchemaElement;
  if (encoding === ENCODING.dictionary || encoding === ENCODING.plainDictionary) return entriesAt(from, count, dictionary);
  if (type === 'BYTE_ARRAY' && whole.converted_type !== 'DECIMAL') return texts(from, encoding, count);
  if (type === 'BYTE_ARRAY') throw new RangeError("numbers of arbitrary length aren't supported");
  if (type === 'FIXED_LEN_BYTE_ARRAY') return fixed(from, whole, encoding, count);
  const isPlain = type !== 'INT64' && type !== 'INT96' && whole.converted_type !== 'DATE';
  from.charge(count * (isPlain ? NUMBER_BYTES : TIME_BYTES));
  return shown(numbers(from, whole, encoding, count), whole);
}

function entriesAt(from: Values, count: number, dictionary: ArrayLike<unknown> | undefined): unknown[] {
  if (!dictionary) throw new RangeError('a dictionary is missing');
  const width = from.bytes[from.at++] ?? WIDEST + 1;
  const indices = width === 0 ? new Uint32Array(count) : runs(from, width, count);
  return Array.from(indices, (index) => {
    if (index >= dictionary.length) throw new RangeError('an index points outside its dictionary');
    return dictionary[index];
  });
}

/** Reads the hybrid of runs and packed bits, for numbers of up to 24 bits. A run that extends beyond `count` is cut there. */
export function runs(from: Values, width: number, count: number): Uint32Array {
  if (width > WIDEST) throw new RangeError('the indices of a page are too wide');
  const { bytes } = from;
  const values = new Uint32Array(count);
  const place = { bytes, at: from.at, itemsLeft: 0 };
  const mask = 2 ** width - 1;
  for (let filled = 0; filled < count;) {
    const head = varint(place);
    const isPacked = head % 2 === 1;
    const most = Math.min(count - filled, ((head - Number(isPacked)) / 2) * (isPacked ? 8 : 1));
    const size = isPacked ? Math.ceil((most * width) / 8) : Math.ceil(width / 8);
    if (place.at + size > bytes.length) throw new RangeError('a run extends beyond its page');
    if (isPacked) {
      for (let value = 0, at = place.at, [bits, has] = [0, 0]; value < most; value++) {
        for (; has < width; has += 8) bits |= (bytes[at++] ?? 0) << has;
        values[filled + value] = bits & mask;
        bits >>>= width;
        has -= width;
      }
    } else values.fill(bytes.readUIntLE(place.at, size), filled, filled + most);
    place.at += size;
    filled += most;
  }
  from.at = place.at;
  return values;
}

function texts(from: Values, encoding: number, count: number): string[] {
  const { bytes } = from;
  const found = new Array<string>(count);
  switch (encoding) {
    case ENCODING.plain:
      for (let value = 0; value < count; value++) {
        const length = bytes.readUInt32LE(from.at);
        found[value] = textAt(from, (from.at += 4), length);
      }
      return found;
    case ENCODING.deltaLength: {
      const lengths = deltas(from, count);
      for (let value = 0; value < count; value++) found[value] = textAt(from, from.at, lengths[value] ?? 0);
      return found;
    }
    case ENCODING.deltaBytes: {
      const [prefixes, suffixes] = [deltas(from, count), deltas(from, count)];
      // Texts are made one at a time: each reuses the bytes of the previous one, of which no more is kept than is shown.
      let [text, size] = [Buffer.alloc(256), 0];
      for (let value = 0; value < count; value++) {
        const [prefix, suffix] = [prefixes[value] ?? 0, suffixes[value] ?? 0];
        if (prefix < 0 || prefix > size || suffix < 0 || suffix > bytes.length - from.at)
          throw new RangeError('a text extends beyond its page');
        size = prefix + suffix;
        const kept = Math.min(size, MAX_TEXT_BYTES);
        if (text.length < kept) text = Buffer.concat([text], Math.min(MAX_TEXT_BYTES, 2 * kept));
        if (prefix < kept) bytes.copy(text, prefix, from.at, from.at + kept - prefix);
        from.at += suffix;
        found[value] = charged(from, text.toString('utf8', 0, kept), kept);
      }
      return found;
    }
    default:
      throw new RangeError(`texts in encoding ${encoding} aren't supported`);
  }
}

function textAt(from: Values, start: number, length: number): string {
  if (length < 0 || length > from.bytes.length - start) throw new RangeError('a text extends beyond its page');
  from.at = start + length;
  const shownBytes = Math.min(length, MAX_TEXT_BYTES);
  return charged(from, from.bytes.toString('utf8', start, start + shownBytes), shownBytes);
}

/** Each unit of a text with characters beyond ASCII may take two bytes. */
function charged({ charge }: Values, text: string, bytes: number): string {
  charge(TEXT_HEAD + text.length * (text.length === bytes ? 1 : 2));
  return text;
}

function deltas(from: Values, count: number): Int32Array {
  const lengths = new Int32Array(count);
  byLibrary(from, (reader) => deltaBinaryUnpack(reader, count, lengths));
  return lengths;
}

function numbers(from: Values, { type, type_length: length }: SchemaElement, encoding: number, count: number): DecodedArray {
  const isFlag = type === 'BOOLEAN';
  const size = isFlag ? 1 / 8 : BYTES_OF[type ?? ''];
  if (!type || size === undefined) throw new RangeError('a column has an unknown type');
  if (encoding === ENCODING.rle && isFlag) {
    from.at += 4; // skips the length of the runs
    return Array.from(runs(from, 1, count), (bit) => bit === 1);
  }
  if (encoding === ENCODING.deltaBinary && (type === 'INT32' || type === 'INT64')) {
    const found = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
    byLibrary(from, (reader) => deltaBinaryUnpack(reader, count, found));
    return found;
  }
  if (count * size > from.bytes.length - from.at) throw new RangeError('it has fewer values than rows');
  if (encoding === ENCODING.plain) return byLibrary(from, (reader) => readPlain(reader, type, count, length));
  if (encoding === ENCODING.split) return byLibrary(from, (reader) => byteStreamSplit(reader, count, type, length));
  throw new RangeError(`numbers in encoding ${encoding} aren't supported`);
}

/** Values whose length the column declares: numbers, or bytes that aren't text. */
function fixed(from: Values, element: SchemaElement, encoding: number, count: number): ArrayLike<unknown> {
  const { type_length: length = 0, converted_type: converted, logical_type: logical } = element;
  const isNumber = converted === 'DECIMAL' || logical?.type === 'UUID' || logical?.type === 'FLOAT16';
  if (length === 0 || (isNumber && length > LONGEST_NUMBER)) throw new RangeError('its values have an impossible length');
  if (count * length > from.bytes.length - from.at) throw new RangeError('it has fewer values than rows');
  if (encoding !== ENCODING.plain) throw new RangeError(`bytes in encoding ${encoding} aren't supported`);
  const found = Array.from({ length: count }, (_, value) => {
    const start = from.at + value * length;
    from.charge(BYTES_HEAD + Math.min(length, MAX_TEXT_BYTES));
    return Uint8Array.from(from.bytes.subarray(start, start + Math.min(length, MAX_TEXT_BYTES)));
  });
  from.at += count * length;
  return isNumber ? shown(found, element) : found;
}

/** The library reads through a view that ends with the page. */
function byLibrary<T>(from: Values, read: (reader: { view: DataView; offset: number }) => T): T {
  const { bytes } = from;
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: from.at };
  const found = read(reader);
  from.at = reader.offset;
  return found;
}

/** Converts numbers to what they mean: times, unsigned integers, and so on. */
function shown(values: DecodedArray, element: SchemaElement): DecodedArray {
  const parsers: ParquetParsers = DEFAULT_PARSERS;
  return convert(values, { element, parsers, schemaPath: [] } as unknown as Parameters<typeof convert>[1]);
}
