import { compareCodePoints } from './compareCodePoints';

/**
 * The one order of names and of the keys of groups: numbers by their value, ASCII letters without case, everything else by code point. So `v2` comes before
 * `v10`, and `V2` is equal to `v02`; a number is compared with other characters as its first digit would be. A number is a run of ASCII digits of any length.
 *
 * Texts are compared by the bytes of a key, so that each engine (bytes of Arrow, SQL, texts) has the same order: the UTF-8 bytes of the text with capitals in
 * lower case, and each number as its length and then its value. The lower case of the alphabet leaves 26 values of a byte without a meaning. `:` to `@` move to
 * the end of that gap, and numbers begin with the others. Thus no key is longer than its text.
 */

const ZERO = 0x30;
const AFTER_DIGITS = 0x3a;
const FIRST_CAPITAL = 0x41;
const AFTER_CAPITALS = 0x5b;
const CAPITALS = AFTER_CAPITALS - FIRST_CAPITAL;
const TO_LOWER = 0x20;
/** Begins a number of two digits; a longer one begins with the next value for each digit more. */
const TWO_DIGITS = AFTER_DIGITS;
/** Begins a number of more digits than the values between can tell; their number follows in four bytes. */
const MANY_DIGITS = AFTER_DIGITS + CAPITALS - 1 - 2;
const MOST_TOLD = MANY_DIGITS - TWO_DIGITS + 1;

/** Bytes are read and written in words, so that this many bytes after the end of a key may be overwritten. */
export const KEY_MARGIN = 4;
const WORD = 4;

/** Writes the key of the UTF-8 bytes from `from` to `to`, and returns where it ends. It needs no more room than the text, and KEY_MARGIN. */
export function writeNaturalKey(source: DataView, from: number, to: number, into: DataView, at: number): number {
  const lastWord = source.byteLength - WORD;
  while (from < to) {
    if (from <= lastWord) {
      const word = source.getInt32(from, true);
      const low = word & 0x7f7f7f7f;
      const isAscii = ~word & 0x80808080;
      // The highest bit of each byte from 0x30 to 0x40, digits among them, and from 0x41 to 0x5a.
      if (((low + 0x50505050) & ~(low + 0x3f3f3f3f) & isAscii) === 0) {
        const isCapital = (low + 0x3f3f3f3f) & ~(low + 0x25252525) & isAscii;
        into.setInt32(at, word | (isCapital >>> 2), true);
        const step = to - from < WORD ? to - from : WORD;
        from += step;
        at += step;
        continue;
      }
    }
    const byte = source.getUint8(from);
    if (byte < ZERO || byte >= AFTER_DIGITS) {
      into.setUint8(
        at++,
        byte < AFTER_DIGITS || byte >= AFTER_CAPITALS ? byte : byte < FIRST_CAPITAL ? byte + CAPITALS : byte + TO_LOWER,
      );
      from++;
      continue;
    }
    let end = from + 1;
    while (end < to && isDigit(source.getUint8(end))) end++;
    while (from < end && source.getUint8(from) === ZERO) from++;
    at = writeNumber(source, from, end, into, at);
    from = end;
  }
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte < AFTER_DIGITS;
}

/** Writes a number without its leading zeros: first one byte for its length, then two digits a byte. A number below ten is one byte. */
function writeNumber(source: DataView, from: number, end: number, into: DataView, at: number): number {
  const digits = end - from;
  if (digits <= 1) {
    into.setUint8(at++, digits === 0 ? ZERO : source.getUint8(from));
    return at;
  }
  if (digits <= MOST_TOLD) into.setUint8(at++, TWO_DIGITS - 2 + digits);
  else {
    into.setUint8(at++, MANY_DIGITS);
    into.setUint32(at, digits);
    at += WORD;
  }
  if (digits % 2 === 1) into.setUint8(at++, source.getUint8(from++));
  for (; from < end; from += 2) into.setUint8(at++, 10 * source.getUint8(from) + source.getUint8(from + 1) - 11 * ZERO);
  return at;
}

/** Room for a text and its key, in bytes. */
interface Room {
  readonly text: Buffer;
  readonly source: DataView;
  readonly key: Buffer;
  readonly into: DataView;
}

/** For all texts but long ones: allocating room for each of hundreds takes longer than sorting them. */
const USUAL = roomFor(4096);

function roomFor(bytes: number): Room {
  const [text, key] = [Buffer.alloc(bytes), Buffer.alloc(bytes)];
  return { text, source: viewOf(text), key, into: viewOf(key) };
}

/** The key of a text, one byte to a character, so that `<` compares keys. Lone surrogates count as U+FFFD. */
export function naturalKey(text: string): string {
  const most = 3 * text.length + KEY_MARGIN; // UTF-8 takes at most three bytes for each UTF-16 unit
  const room = most > USUAL.text.length ? roomFor(most) : USUAL;
  const length = room.text.write(text);
  return room.key.toString('latin1', 0, writeNaturalKey(room.source, 0, length, room.into, 0));
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Compares two keys. */
export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares two texts; those that differ only in case or in leading zeros by code point. */
export function compareNaturally(a: string, b: string): number {
  return a === b ? 0 : compareKeys(naturalKey(a), naturalKey(b)) || compareCodePoints(a, b);
}

/** Different texts in the order of compareNaturally. Undefined comes last. */
export function inNaturalOrder(texts: Iterable<string | undefined>): (string | undefined)[] {
  const keyed = Array.from(texts, (text) => ({ text, key: text === undefined ? '' : naturalKey(text) }));
  keyed.sort(({ text: a, key }, { text: b, key: other }) =>
    a === undefined ? 1 : b === undefined ? -1 : compareKeys(key, other) || compareCodePoints(a, b),
  );
  return keyed.map(({ text }) => text);
}
