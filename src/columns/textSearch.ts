import type { SearchSteps } from '../pin/columnSource';

/** Substring search over UTF-8 bytes as they were received, without decoding the texts. ASCII letters match in either case. */

/** Texts that are stored one after the other. */
export interface TextBytes {
  readonly length: number;
  readonly bytes: Buffer;
  /** The offset at which the text of a row begins; for `length`, the end of the last text. Offsets never decrease. */
  readonly startOf: (row: number) => number;
}

/**
 * The number of bytes that are searched at a time. V8 folds and searches a string many times as fast as a loop could search its bytes, and strings of up to 128
 * KB are collected cheaply: with twice this size, the search takes four times as long.
 */
const WINDOW = 2 ** 16;
const HITS_A_STEP = 2 ** 14;

export const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

/**
 * Undefined for a needle that can't be found by its bytes: half of a surrogate pair has no UTF-8, and U+FFFD is also read for bytes that aren't UTF-8. The
 * needle must already be folded.
 */
export function needleBytes(folded: string): Uint8Array | undefined {
  return /[\p{Surrogate}\ufffd]/u.test(folded) ? undefined : Buffer.from(folded);
}

/**
 * Calls `found` once for each row that contains the needle, in order. With `exactly`, case counts, which takes a fraction of the time. A step is a window, or
 * less where there are many hits.
 */
export function* findText(texts: TextBytes, needle: Uint8Array, found: (row: number) => void, exactly = false): SearchSteps {
  const { length, bytes, startOf } = texts;
  const end = startOf(length);
  const wanted = Buffer.from(needle).toString('ascii').toLowerCase();
  if (exactly || !/[a-z]/.test(wanted)) return yield* findBytes(texts, needle, found);
  let row = 0;
  let hits = 0;
  for (let from = startOf(0); from + needle.length <= end;) {
    const size = Math.min(WINDOW + needle.length - 1, end - from);
    // Decoded as ASCII, each byte is one unit, so offsets stay the same. The highest bit is dropped, so a hit is only a candidate until its bytes are compared.
    const window = bytes.toString('ascii', from, from + size).toLowerCase();
    let at = 0;
    for (let hit = window.indexOf(wanted); hit >= 0; hit = at < size ? window.indexOf(wanted, at) : -1) {
      at = hit + 1;
      if (++hits % HITS_A_STEP === 0) yield;
      if (!isAt(bytes, from + hit, needle)) continue;
      row = rowAt(texts, row, from + hit);
      const rowEnd = startOf(row + 1);
      if (from + hit + needle.length > rowEnd) continue; // a hit across two rows doesn't count
      found(row);
      at = rowEnd - from;
    }
    // Continue where a needle may begin that didn't fit into this window, but not in a row that was already found.
    from += Math.max(at, size - needle.length + 1);
    yield;
  }
}

const QUOTE = 0x22;

/** The number of bytes that are searched in a step. */
const STRETCH = 2 ** 22;

/**
 * Like findText, for a needle whose exact bytes are searched. The search stops at each occurrence of the first byte, and a quote occurs many times in every
 * JSON text: a leading quote is therefore left out, and checked where the rest is found.
 */
function* findBytes({ length, bytes, startOf }: TextBytes, needle: Uint8Array, found: (row: number) => void): SearchSteps {
  const texts = { length, bytes, startOf };
  const end = startOf(length);
  let row = 0;
  let hits = 0;
  const skipped = needle.length > 1 && needle[0] === QUOTE ? 1 : 0;
  const rest = needle.subarray(skipped);
  for (let from = startOf(0); from + needle.length <= end;) {
    const stretch = bytes.subarray(from, Math.min(end, from + STRETCH + needle.length - 1));
    const next = (at: number): number => (at < stretch.length ? stretch.indexOf(rest, at + skipped) - skipped : -1);
    let at = 0;
    for (let hit = next(0); hit >= 0; hit = next(at)) {
      at = hit + 1;
      if (++hits % HITS_A_STEP === 0) yield;
      if (stretch[hit] !== needle[0]) continue;
      row = rowAt(texts, row, from + hit);
      const rowEnd = startOf(row + 1);
      if (from + hit + needle.length > rowEnd) continue; // a hit across two rows doesn't count
      found(row);
      at = rowEnd - from;
    }
    from += Math.max(at, stretch.length - needle.length + 1);
    yield;
  }
}

function isAt(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  for (let index = 0; index < needle.length; index++) if (FOLD[bytes[at + index] ?? 0] !== needle[index]) return false;
  return true;
}

/** The row that contains the byte, searched from `row` on in growing steps, since hits come in order. */
function rowAt({ length, startOf }: TextBytes, row: number, byte: number): number {
  let step = 1;
  let low = row;
  while (low + step < length && startOf(low + step) <= byte) {
    low += step;
    step *= 2;
  }
  let high = Math.min(length - 1, low + step);
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (startOf(middle) <= byte) low = middle;
    else high = middle - 1;
  }
  return low;
}
