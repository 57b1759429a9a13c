import { getRandomValues } from 'node:crypto';
import { IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import { KEY_BYTES, writeContentKey } from '../inventory/contentKey';
import { sipHash } from '../inventory/sipHash';
import { toBase32, toBase58 } from '../pin/multibase';
import type { HistoryRow } from './historyContract';

/** The most bytes of a name: the longest shown text, at three bytes a unit, with the ellipsis. */
const NAME_BYTES = 16_384;
/** The most rows of a list whose history is kept, and their bytes. */
const MOST_ROWS = 2 ** 22;
const MOST_BYTES = 2 ** 30;
/** Statuses are numbers of a byte, with 0 for none. Further ones are all the last. */
const MOST_STATUSES = 255;
const LONGEST_STATUS = 200;

/** The statuses of all rows that are compared with each other, by number. */
export interface StatusWords {
  readonly texts: readonly string[];
  readonly numberOf: (status: string | undefined) => number;
}

export function statusWords(): StatusWords {
  const texts = [''];
  const numbers = new Map<string, number>();
  const numberOf = (status: string | undefined): number => {
    if (status === undefined || status === '') return 0;
    const text = status.slice(0, LONGEST_STATUS);
    const known = numbers.get(text);
    if (known !== undefined) return known;
    if (texts.length === MOST_STATUSES) texts.push('…');
    if (texts.length > MOST_STATUSES) return MOST_STATUSES;
    texts.push(text);
    numbers.set(text, texts.length - 1);
    return texts.length - 1;
  };
  return { texts, numberOf };
}

/** A row on its way from one place to another: the key of its content (contentKey.ts), then its name in UTF-8, which is empty for none. */
export interface RowBuffer {
  readonly bytes: Buffer;
  readonly words: Int32Array;
  keyLength: number;
  /** That of key and name. */
  length: number;
  /** Whether the CID was listed in version 0. */
  isV0: boolean;
  status: number;
}

export function rowBuffer(): RowBuffer {
  const memory = new ArrayBuffer(KEY_BYTES + NAME_BYTES + 8);
  return { bytes: Buffer.from(memory), words: new Int32Array(memory), keyLength: 0, length: 0, isV0: false, status: 0 };
}

const TEXT = Buffer.alloc(KEY_BYTES);

export function writeRow(row: RowBuffer, { cid, name = '', status }: HistoryRow, { numberOf }: StatusWords): void {
  writeKey(row, cid);
  row.length = row.keyLength + row.bytes.write(name, row.keyLength, NAME_BYTES);
  row.status = numberOf(status);
}

/** Makes it a row without name and status. */
export function writeKey(row: RowBuffer, cid: string): void {
  row.keyLength = row.length = writeContentKey(TEXT, 0, TEXT.write(cid), row.bytes);
  row.isV0 = cid.length === 46 && row.bytes[0] === 1 && cid.startsWith('Qm');
  row.status = 0;
}

/**
 * Different rows, each with a number, how often it is there, which may be negative, and its place in a hash table over content and name. The hash is keyed, so
 * that no list can be made to collide; rows with the same content and name differ in their status, of which there are at most 256.
 */
export interface CountedRows {
  readonly size: number;
  /** The first row with this content and name; -1 where there is none. */
  find(row: RowBuffer): number;
  /** The next row with the same content and name as this one; -1 at the end. */
  next(at: number): number;
  /** Adds to the count of a row, which may be new, and returns its number. Throws `too-large`. */
  add(row: RowBuffer, count: number): number;
  count(at: number): number;
  setCount(at: number, count: number): void;
  status(at: number): number;
  read(at: number, into: RowBuffer): void;
  /** The row for people. */
  row(at: number, words: StatusWords): HistoryRow;
}

const FIRST_ROWS = 1024;
const GROWTH = 1.5;
/** A key of SipHash, in bytes of four numbers. */
const KEY_NUMBERS = 4;

export function countedRows(): CountedRows {
  const secret = getRandomValues(new Int32Array(KEY_NUMBERS));
  const hash = new Int32Array(2);
  /** For each slot the first row of a content and name plus 1, or 0. */
  let slots = new Int32Array(2 * FIRST_ROWS);
  let heads = 0;
  let bytes = Buffer.allocUnsafe(64 * FIRST_ROWS);
  let ends = new Uint32Array(FIRST_ROWS);
  let keyLengths = new Uint16Array(FIRST_ROWS);
  let versions = new Uint8Array(FIRST_ROWS);
  let statuses = new Uint8Array(FIRST_ROWS);
  let counts = new Int32Array(FIRST_ROWS);
  let hashes = new Int32Array(FIRST_ROWS);
  let following = new Int32Array(FIRST_ROWS);
  let size = 0;

  const start = (at: number): number => (at === 0 ? 0 : (ends[at - 1] ?? 0));
  const isSame = (at: number, row: RowBuffer): boolean => {
    const [from, to] = [start(at), ends[at] ?? 0];
    return (
      keyLengths[at] === row.keyLength && to - from === row.length && bytes.compare(row.bytes, 0, row.length, from, to) === 0
    );
  };
  /** The slot of a row's content and name: that of the first such row, or a free one. */
  const slotOf = (row: RowBuffer): number => {
    sipHash(row.words, row.length, secret, hash);
    const mask = slots.length - 1;
    let slot = (hash[0] ?? 0) & mask;
    for (let at = (slots[slot] ?? 0) - 1; at >= 0; at = (slots[slot] ?? 0) - 1) {
      if (hashes[at] === hash[0] && isSame(at, row)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  };
  const growSlots = (): void => {
    const old = slots;
    slots = new Int32Array(2 * old.length);
    const mask = slots.length - 1;
    for (const head of old) {
      if (head === 0) continue;
      let slot = (hashes[head - 1] ?? 0) & mask;
      while ((slots[slot] ?? 0) > 0) slot = (slot + 1) & mask;
      slots[slot] = head;
    }
  };
  const append = (row: RowBuffer, count: number): number => {
    const from = start(size);
    if (size === MOST_ROWS || from + row.length > MOST_BYTES)
      throw new IpfsKitError('too-large', `No history is kept of lists with more than ${withCommas(MOST_ROWS)} pins.`);
    if (size === ends.length) {
      const room = Math.ceil(GROWTH * size);
      [ends, keyLengths] = [larger(ends, new Uint32Array(room)), larger(keyLengths, new Uint16Array(room))];
      [versions, statuses] = [larger(versions, new Uint8Array(room)), larger(statuses, new Uint8Array(room))];
      [counts, hashes] = [larger(counts, new Int32Array(room)), larger(hashes, new Int32Array(room))];
      following = larger(following, new Int32Array(room));
    }
    if (from + row.length > bytes.length) {
      const more = Buffer.allocUnsafe(Math.ceil(GROWTH * (from + row.length)));
      bytes.copy(more, 0, 0, from);
      bytes = more;
    }
    row.bytes.copy(bytes, from, 0, row.length);
    ends[size] = from + row.length;
    keyLengths[size] = row.keyLength;
    versions[size] = row.isV0 ? 0 : 1;
    statuses[size] = row.status;
    counts[size] = count;
    hashes[size] = hash[0] ?? 0;
    following[size] = -1;
    return size++;
  };

  return {
    get size() {
      return size;
    },
    find: (row) => (slots[slotOf(row)] ?? 0) - 1,
    next: (at) => following[at] ?? -1,
    add: (row, count) => {
      let slot = slotOf(row);
      const head = (slots[slot] ?? 0) - 1;
      for (let at = head; at >= 0; at = following[at] ?? -1) {
        if (statuses[at] !== row.status) continue;
        counts[at] = (counts[at] ?? 0) + count;
        return at;
      }
      const at = append(row, count);
      if (head >= 0) {
        following[at] = following[head] ?? -1;
        following[head] = at;
        return at;
      }
      if (4 * ++heads > 3 * slots.length) {
        growSlots();
        slot = slotOf(row);
      }
      slots[slot] = at + 1;
      return at;
    },
    count: (at) => counts[at] ?? 0,
    setCount: (at, count) => void (counts[at] = count),
    status: (at) => statuses[at] ?? 0,
    read: (at, into) => {
      const from = start(at);
      into.length = bytes.copy(into.bytes, 0, from, ends[at] ?? 0);
      into.keyLength = keyLengths[at] ?? 0;
      into.isV0 = versions[at] === 0;
      into.status = statuses[at] ?? 0;
    },
    row: (at, words) => {
      const from = start(at);
      const to = from + (keyLengths[at] ?? 0);
      const status = statuses[at] ?? 0;
      return {
        cid: cidText(bytes.subarray(from, to), versions[at] === 0),
        name: to === ends[at] ? undefined : bytes.toString('utf8', to, ends[at]),
        status: status === 0 ? undefined : words.texts[status],
      };
    },
  };
}

function cidText(key: Buffer, isV0: boolean): string {
  if (key[0] === 0) return key.toString('utf8', 1);
  return isV0 ? toBase58(key.subarray(2)) : toBase32(key);
}

function larger<T extends Uint8Array | Uint16Array | Uint32Array | Int32Array>(old: T, more: T): T {
  more.set(old);
  return more;
}
