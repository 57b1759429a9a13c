import { isAscii, isUtf8 } from 'node:buffer';
import type { Data, DataType, Vector } from 'apache-arrow';
import { IpfsKitError } from '../base/ipfsKitError';
import type { NumberColumn, SearchPart, SearchSteps, SpelledPart, TextPart } from '../pin/columnSource';
import type { ChunkNumbers } from './numbersInBulk';
import { joinedNumbers, plainNumbers, timeNumbers, withoutNulls } from './numbersInBulk';
import type { TextBytes } from '../columns/textSearch';
import { findText } from '../columns/textSearch';

/**
 * Columns as apache-arrow has decoded them, checked before a value is read: offsets monotone and inside, texts of UTF-8, enough values,
 * as many nulls as declared, dictionary indices in range. Values are read here, and not by its own `get`, which throws on far-off times and decodes texts whole.
 */
export interface ArrowColumn {
  /** True where every row holds text that is not empty. */
  readonly full: boolean;
  /** Text (of a very long one the beginning), number, bigint, boolean, Date or null. */
  readonly value: (row: number) => unknown;
  /** As value, with text up to MAX_TEXT_BYTES. */
  readonly whole: (row: number) => unknown;
  /** Marks the rows whose text contains the needle, by ASCII case folded; a step at a time. Undefined where the column is no text. */
  readonly search?: (needle: Uint8Array, hits: Uint8Array, part?: SearchPart) => SearchSteps;
  readonly numbers?: NumberColumn;
  readonly texts?: readonly TextPart[];
}

/** More than any reader of one row looks at: 65,536 units of JSON metadata, at up to four bytes each, and one more to tell that it was more. */
const SHOWN_BYTES = 4 * 65_536 + 4;

/** A longer text is sorted and fuzzily searched by so much of it: one that the heap has no room for ends the process, and not the thread alone. */
const MAX_TEXT_BYTES = 2 ** 24;

/** Type of Schema.fbs as apache-arrow numbers it; the enum itself would load the library. */
const TYPE = { null: 1, int: 2, float: 3, utf8: 5, bool: 6, timestamp: 10, largeUtf8: 20, utf8View: 24, dictionary: -1 } as const;

const WRONG_NULLS = 'its null count is wrong';

const HALF_BITS = 16;

/** One record batch's part of a column. */
interface Chunk extends Pick<ArrowColumn, 'full' | 'value' | 'whole'> {
  readonly length: number;
  readonly marks?: (needle: Uint8Array, hits: Uint8Array, base: number, part: SearchPart) => SearchSteps;
  readonly numbers?: ChunkNumbers;
  readonly text?: TextPart;
}

/** Throws `malformed`, naming the column. `nulls`: as many as its batches declare. */
export function arrowColumn(name: string, column: Vector, nulls = column.nullCount): ArrowColumn {
  const context: Context = {
    dictionaries: new Map(),
    parts: new Map(),
    broken: (what) => new IpfsKitError('malformed', `The Arrow column "${name.slice(0, 100)}" is broken: ${what}.`),
  };
  const chunks = chunksOf(column, (data) => chunkOf(data, context));
  const typeId: number = (column.type as DataType).typeId;
  if (typeId !== TYPE.null && column.nullCount !== nulls) throw context.broken(WRONG_NULLS);
  return joined(chunks);
}

interface Context {
  /** What has been checked already: many batches share a dictionary, and one that grows keeps its parts. */
  readonly dictionaries: Map<Vector, ArrowColumn>;
  readonly parts: Map<Data, Chunk>;
  readonly broken: (what: string) => IpfsKitError;
}

function chunksOf(column: Vector, read: (data: Data) => Chunk): Chunk[] {
  return column.data.filter(({ length }) => length > 0).map((data) => read(data as Data));
}

function joined(chunks: readonly Chunk[]): ArrowColumn {
  const starts = [0];
  for (const { length } of chunks) starts.push((starts.at(-1) ?? 0) + length);
  let last = 0;
  const chunkAt = (row: number): number => {
    if (row >= (starts[last] ?? 0) && row < (starts[last + 1] ?? 0)) return last; // rows are mostly read in order
    let [low, high] = [0, chunks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return (last = low);
  };
  const searchable = chunks.every(({ marks }) => marks !== undefined);
  const numbers = joinedNumbers(chunks, starts);
  const texts = chunks.flatMap(({ text }) => text ?? []);
  return {
    full: chunks.every(({ full }) => full),
    value: (row) => {
      const at = chunkAt(row);
      return chunks[at]?.value(row - (starts[at] ?? 0));
    },
    whole: (row) => {
      const at = chunkAt(row);
      return chunks[at]?.whole(row - (starts[at] ?? 0));
    },
    ...(searchable && {
      *search(needle, hits, { from, to, ...how } = { from: 0, to: Infinity, memory: new Map() }) {
        for (const [index, { length, marks }] of chunks.entries()) {
          const start = starts[index] ?? 0;
          const part = { from: Math.max(0, from - start), to: Math.min(length, to - start), ...how };
          if (marks && part.from < part.to) yield* marks(needle, hits, start, part);
        }
      },
    }),
    ...(numbers && { numbers }),
    ...(texts.length === chunks.length && { texts }),
  };
}

function chunkOf(data: Data, context: Context): Chunk {
  const { broken } = context;
  const { length, nullCount, values } = data as { length: number; nullCount: number; values: unknown };
  const typeId: number = data.typeId;
  if (typeId === TYPE.null) return plain(length, () => null);
  const bitmap = data.nullBitmap as Uint8Array | undefined;
  if (nullCount > 0 && (bitmap === undefined || bitmap.length * 8 < length)) throw broken('its validity bitmap is too short');
  if (nullCount > 0 && bitmap && clearBits(bitmap, length) !== nullCount) throw broken(WRONG_NULLS);
  // Without nulls there is no bitmap, and undefined & 1 is 0.
  const isValid: IsValid | undefined =
    nullCount > 0 && bitmap ? (row) => ((bitmap[row >> 3] ?? 0) & (1 << (row & 7))) !== 0 : undefined;
  const need = (count: number, has: number): void => {
    if (has < count) throw broken('it has fewer values than rows');
  };
  const read = (valueAt: (row: number) => unknown, numbers?: ChunkNumbers): Chunk => ({
    ...plain(length, isValid ? (row) => (isValid(row) ? valueAt(row) : null) : valueAt),
    ...(numbers && { numbers: isValid && bitmap ? withoutNulls(numbers, bitmap) : numbers }),
  });

  switch (typeId) {
    case TYPE.utf8:
    case TYPE.largeUtf8:
      return textChunk(offsetTexts(data, isValid, context), isValid, bitmap);
    case TYPE.utf8View:
      return textChunk(viewTexts(data, isValid, context), isValid, bitmap);
    case TYPE.dictionary:
      return dictionaryChunk(data, isValid, bitmap, context);
    case TYPE.bool: {
      const bits = values as Uint8Array;
      need(length, bits.length * 8);
      return read((row) => ((bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0);
    }
    case TYPE.timestamp: {
      const times = values as BigInt64Array;
      need(length, times.length);
      const type: unknown = data.type;
      const toMs = MS_OF_UNIT[(type as { readonly unit: number }).unit];
      if (!toMs) throw broken('its times have an unknown unit');
      const msAt = (row: number): number => new Date(toMs(times[row] ?? 0n)).getTime();
      return read((row) => new Date(toMs(times[row] ?? 0n)), timeNumbers(times, type as { readonly unit: number }, msAt));
    }
    case TYPE.float:
    case TYPE.int: {
      const numbers = values as Float64Array | BigInt64Array;
      need(length, numbers.length);
      const isHalf = typeId === TYPE.float && numbers.BYTES_PER_ELEMENT * 8 === HALF_BITS;
      if (isHalf) return read((row) => halfToNumber(Number(numbers[row])));
      return read((row) => numbers[row], plainNumbers(numbers));
    }
    default:
      throw broken(`its type ${typeId} is not read`);
  }
}

type IsValid = (row: number) => boolean;

const BITS_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** Of the first `length` bits. */
function clearBits(bitmap: Uint8Array, length: number): number {
  const whole = length >> 3;
  let set = 0;
  for (let at = 0; at < whole; at++) set += BITS_OF_BYTE[bitmap[at] ?? 0] ?? 0;
  for (let row = whole << 3; row < length; row++) set += ((bitmap[row >> 3] ?? 0) >> (row & 7)) & 1;
  return length - set;
}

function plain(length: number, value: (row: number) => unknown): Chunk {
  return { length, full: false, value, whole: value };
}

/** Seconds, milli-, micro- and nanoseconds, in the order of TimeUnit. What is no safe number gives a Date that is none. */
const MS_OF_UNIT: Readonly<Record<number, (time: bigint) => number>> = {
  0: (time) => Number(time) * 1000,
  1: Number,
  2: (time) => Number(time / 1000n),
  3: (time) => Number(time / 1_000_000n),
};

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 0x1f
        ? fraction
          ? NaN
          : Infinity
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

/** Where the text of each row lies; empty for null. */
interface Texts {
  readonly length: number;
  /** True where no text is empty. Nulls are looked at apart. */
  readonly noneEmpty: boolean;
  readonly read: (row: number, maxBytes: number) => string;
  readonly marks: (
    needle: Uint8Array,
    hits: Uint8Array,
    base: number,
    part: SearchPart,
    isValid: IsValid | undefined,
  ) => SearchSteps;
  /** Without validity. */
  readonly part?: SpelledPart;
}

function textChunk(texts: Texts, isValid: IsValid | undefined, bitmap: Uint8Array | undefined): Chunk {
  const reading =
    (maxBytes: number) =>
    (row: number): unknown =>
      isValid && !isValid(row) ? null : texts.read(row, maxBytes);
  return {
    length: texts.length,
    full: texts.noneEmpty && !isValid,
    value: reading(SHOWN_BYTES),
    whole: reading(MAX_TEXT_BYTES),
    marks: (needle, hits, base, part) => texts.marks(needle, hits, base, part, isValid),
    ...(texts.part && { text: { ...texts.part, ...(isValid && bitmap && { validity: bitmap }) } }),
  };
}

function offsetTexts(data: Data, isValid: IsValid | undefined, { broken }: Context): Texts {
  const { length } = data;
  const offsets = data.valueOffsets as Int32Array | BigInt64Array | undefined;
  const values = (data.values as Uint8Array | undefined) ?? new Uint8Array(0);
  if (offsets === undefined || offsets.length < length + 1) throw broken('it has fewer offsets than rows');
  const verdict =
    offsets instanceof Int32Array
      ? checkOffsets32(offsets, length, values.length)
      : checkOffsets64(offsets, length, values.length);
  if (verdict === 'broken') throw broken('its offsets point outside its text');
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.length);
  const at = offsets instanceof Int32Array ? (row: number) => offsets[row] ?? 0 : (row: number) => Number(offsets[row] ?? 0n);
  const words = offsets instanceof Int32Array ? offsets : new Int32Array(offsets.buffer, offsets.byteOffset, 2 * offsets.length);
  if (
    !isAscii(bytes.subarray(at(0), at(length))) &&
    !isText({ length, bytes, startOf: at }, offsets instanceof Int32Array ? offsets : undefined, isValid)
  )
    throw broken(NO_TEXT);
  return {
    length,
    noneEmpty: verdict === 'full',
    read: (row, maxBytes) => {
      const start = at(row);
      return bytes.toString('utf8', start, Math.min(at(row + 1), start + maxBytes));
    },
    marks: (needle, hits, base, { from, to, exactly }, isValid) => {
      const source: TextBytes = { length: to - from, bytes, startOf: (row) => at(from + row) };
      const mark = (row: number): void => {
        if (!isValid || isValid(from + row)) hits[base + from + row] = 1;
      };
      return findText(source, needle, mark, exactly);
    },
    // Of 64-bit offsets the lower words will do as long as the bytes end before 2^31.
    ...(bytes.length < 2 ** 31 && { part: { rows: length, bytes, offsets: words, stride: words.length / offsets.length } }),
  };
}

const NO_TEXT = 'it contains invalid UTF-8';

/** All at once, and then where each begins: a text must not begin within a character. What lies beneath a null means nothing. */
function isText({ length, bytes, startOf }: TextBytes, offsets: Int32Array | undefined, isValid: IsValid | undefined): boolean {
  const end = startOf(length);
  let whole = isUtf8(bytes.subarray(startOf(0), end));
  if (whole && offsets) whole = beginWithCharacters(bytes, offsets, length, end);
  else
    for (let row = 1; whole && row < length; row++) {
      const start = startOf(row);
      whole = start === end || !isWithinCharacter(bytes[start] ?? 0);
    }
  if (whole || !isValid) return whole;
  for (let row = 0; row < length; row++)
    if (isValid(row) && !isUtf8(bytes.subarray(startOf(row), startOf(row + 1)))) return false;
  return true;
}

/** A loop that sees 32-bit offsets and nothing else, as a million rows need it. */
function beginWithCharacters(bytes: Uint8Array, offsets: Int32Array, length: number, end: number): boolean {
  for (let row = 1; row < length; row++) {
    const start = offsets[row] ?? 0;
    if (start < end && isWithinCharacter(bytes[start] ?? 0)) return false;
  }
  return true;
}

function isWithinCharacter(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

type Verdict = 'broken' | 'full' | 'gaps';

/** One pass without branches: a step back, or a negative offset, leaves the sign bit. The difference alone would wrap beyond 32 bits. */
function checkOffsets32(offsets: Int32Array, length: number, bytes: number): Verdict {
  let previous = offsets[0] ?? 0;
  let signs = previous;
  let shortest = 1;
  for (let row = 1; row <= length; row++) {
    const next = offsets[row] ?? -1;
    const step = next - previous;
    signs |= next | step;
    shortest = step < shortest ? step : shortest;
    previous = next;
  }
  return signs < 0 || previous > bytes ? 'broken' : shortest > 0 ? 'full' : 'gaps';
}

function checkOffsets64(offsets: BigInt64Array, length: number, bytes: number): Verdict {
  let previous = offsets[0] ?? -1n;
  if (previous < 0n) return 'broken';
  let full = true;
  for (let row = 1; row <= length; row++) {
    const next = offsets[row] ?? -1n;
    if (next < previous) return 'broken';
    full &&= next > previous;
    previous = next;
  }
  return previous > BigInt(bytes) ? 'broken' : full ? 'full' : 'gaps';
}

/** utf8_view: 16 bytes a row, which hold a text of up to 12 bytes, or else its first 4, the number of a buffer, and an offset in it. */
const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

function viewTexts(data: Data, isValid: IsValid | undefined, { broken }: Context): Texts {
  const { length, variadicBuffers } = data;
  const values = (data.values as Uint8Array | undefined) ?? new Uint8Array(0);
  if (values.length < length * VIEW_BYTES) throw broken('it has fewer values than rows');
  const view = new DataView(values.buffer, values.byteOffset, values.length);
  const buffers = [values, ...variadicBuffers].map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  /** Buffer 0 is the views themselves. */
  const place = (row: number): { readonly buffer: Buffer | undefined; readonly start: number; readonly size: number } => {
    const at = row * VIEW_BYTES;
    const size = view.getInt32(at, true);
    if (size <= INLINE_BYTES) return { buffer: buffers[0], start: at + 4, size };
    return { buffer: buffers[1 + view.getInt32(at + 8, true)], start: view.getInt32(at + 12, true), size };
  };
  /** Most texts are ASCII, which is seen sooner in one look at a buffer, or at the few bytes of a short one, than text by text. */
  const plainBuffers = new Set(buffers.slice(1).filter((buffer) => isAscii(buffer)));
  const isPlain = (buffer: Buffer, start: number, size: number): boolean => {
    if (size > INLINE_BYTES) return plainBuffers.has(buffer);
    let all = 0;
    for (let at = start; at < start + size; at++) all |= buffer[at] ?? 0;
    return all < 0x80;
  };
  /** What follows a short text is zero, and what precedes a long one's place is its beginning. */
  const isWellFormed = (at: number, buffer: Buffer, start: number, size: number): boolean => {
    if (size > INLINE_BYTES) return view.getInt32(at + 4, true) === buffer.readInt32LE(start);
    let rest = 0;
    for (let byte = at + 4 + size; byte < at + VIEW_BYTES; byte++) rest |= values[byte] ?? 0;
    return rest === 0;
  };
  let noneEmpty = true;
  for (let row = 0; row < length; row++) {
    if (isValid && !isValid(row)) continue; // what a null's view holds means nothing
    const { buffer, start, size } = place(row);
    if (size < 0 || start < 0 || buffer === undefined || start + size > buffer.length)
      throw broken('a view points outside its text');
    if (!isWellFormed(row * VIEW_BYTES, buffer, start, size)) throw broken('a view contradicts its text');
    if (!isPlain(buffer, start, size) && !isUtf8(buffer.subarray(start, start + size))) throw broken(NO_TEXT);
    noneEmpty &&= size > 0;
  }
  return {
    length,
    noneEmpty,
    read: (row, maxBytes) => {
      const { buffer, start, size } = place(row);
      return buffer?.toString('utf8', start, start + Math.min(size, maxBytes)) ?? '';
    },
    *marks(needle, hits, base, { from, to, exactly }) {
      for (let row = from; row < to; row++) {
        if (row % VIEWS_A_STEP === 0) yield;
        if (isValid && !isValid(row)) continue;
        const { buffer, start, size } = place(row);
        const source: TextBytes = { length: 1, bytes: buffer ?? Buffer.alloc(0), startOf: (at) => start + at * size };
        const steps = findText(source, needle, () => (hits[base + row] = 1), exactly);
        while (steps.next().done !== true);
      }
    },
  };
}

const VIEWS_A_STEP = 16_384;

function dictionaryChunk(data: Data, isValid: IsValid | undefined, bitmap: Uint8Array | undefined, context: Context): Chunk {
  const { dictionaries, parts, broken } = context;
  const { length, dictionary, values } = data as { length: number; dictionary?: Vector; values: unknown };
  const indices = values as Int32Array | BigInt64Array;
  if (!dictionary || indices.length < length) throw broken('it has fewer indices than rows');
  const size = dictionary.length;
  let entries = dictionaries.get(dictionary);
  if (!entries) {
    entries = joined(
      chunksOf(dictionary, (part) => {
        const chunk = parts.get(part) ?? chunkOf(part, context);
        parts.set(part, chunk);
        return chunk;
      }),
    );
    dictionaries.set(dictionary, entries);
  }
  for (let row = 0; row < length; row++) {
    const index = Number(indices[row]);
    if ((index < 0 || index >= size) && (!isValid || isValid(row))) throw broken('an index points outside its dictionary');
  }
  const known = entries;
  const through =
    (read: (row: number) => unknown) =>
    (row: number): unknown =>
      isValid && !isValid(row) ? null : read(Number(indices[row]));
  return {
    length,
    full: known.full && !isValid,
    value: through((row) => known.value(row)),
    whole: through((row) => known.whole(row)),
    ...(indices instanceof Int32Array && {
      text: { rows: length, dictionary, entries: size, indices, ...(isValid && bitmap && { validity: bitmap }) },
    }),
    *marks(needle, hits, base, { from, to, memory, exactly }) {
      let found = memory.get(dictionary);
      if (!found) {
        found = new Uint8Array(size);
        if (known.search)
          yield* known.search(needle, found, { from: 0, to: size, memory: new Map(), ...(exactly && { exactly }) });
        memory.set(dictionary, found);
      }
      for (let row = from; row < to; row++)
        if (found[Number(indices[row])] === 1 && (!isValid || isValid(row))) hits[base + row] = 1;
    },
  };
}
