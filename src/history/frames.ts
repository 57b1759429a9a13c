import { createHash, randomBytes } from 'node:crypto';
import { IpfsKitError } from '../base/ipfsKitError';
import { readBytes } from '../base/regularFile';

/**
 * A file of records, each framed by a header with the hashes of both. A file begins with three copies of its marker, 16 random bytes with which every header
 * begins, so that the records after damage are found, and no name in a list can look like a record.
 */

/** What a record is. */
export const FRAME = {
  /** Rows of the list at a time: only in the file of the last list. */
  base: 1,
  /** Rows that are gone, and that were added, since the record before. */
  gone: 2,
  added: 3,
  /** The list was looked at, and had not changed. */
  look: 4,
  /** What was before isn't known: the first list, or the first after damage. */
  start: 5,
  /** Older records were dropped. */
  dropped: 6,
} as const;

export interface FrameFacts {
  readonly type: number;
  /** Whether it is the last one with its number: changes may take several. */
  readonly isLast: boolean;
  readonly part: number;
  /** Counts the changes of the list. Records that change nothing have the number of the last change. */
  readonly number: number;
  /** ms since 1970. */
  readonly atMs: number;
  /** How many pins changed, in all parts together. */
  readonly changes: number;
}

export interface Frame extends FrameFacts {
  readonly from: number;
  readonly to: number;
  readonly payloadHash: Buffer;
}

const MARKER = 16;
const HASH = 8;
const COPY = MARKER + HASH;
export const START = 3 * COPY;
const HEADER = 64;
const KIND = 'ipfs-kit history 1';
const CHUNK = 2 ** 20;
/** The most bytes of a payload: more than a block of rows can take. */
const MOST_PAYLOAD = 64 * 2 ** 20;

function hashOf(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, HASH);
}

export function newMarker(): Buffer {
  return randomBytes(MARKER);
}

/** The beginning of a file with this marker. */
export function startOf(marker: Uint8Array): Buffer {
  const copy = Buffer.concat([marker, hashOf(KIND, marker)]);
  return Buffer.concat([copy, copy, copy]);
}

/** The marker of a file, of which one copy is enough; undefined where there is none. Throws `unreadable`. */
export function markerIn(file: string, descriptor: number): Buffer | undefined {
  const start = readBytes(file, descriptor, 0, START);
  for (let at = 0; at + COPY <= start.length; at += COPY) {
    const marker = start.subarray(at, at + MARKER);
    if (hashOf(KIND, marker).equals(start.subarray(at + MARKER, at + COPY))) return marker;
  }
  return undefined;
}

export function frameOf(marker: Uint8Array, facts: FrameFacts, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(HEADER);
  header.set(marker, 0);
  header.writeUInt8(facts.type, 16);
  header.writeUInt8(facts.isLast ? 1 : 0, 17);
  header.writeUInt16LE(facts.part, 18);
  header.writeUInt32LE(facts.number, 20);
  header.writeDoubleLE(facts.atMs, 24);
  header.writeUInt32LE(facts.changes, 32);
  header.writeUInt32LE(payload.length, 36);
  hashOf(payload).copy(header, 40);
  hashOf(header.subarray(0, HEADER - HASH)).copy(header, HEADER - HASH);
  return Buffer.concat([header, payload]);
}

function headerAt(bytes: Buffer, at: number, marker: Buffer, from: number): Frame | undefined {
  const header = bytes.subarray(at, at + HEADER);
  if (header.length < HEADER || !header.subarray(0, MARKER).equals(marker)) return undefined;
  if (!hashOf(header.subarray(0, HEADER - HASH)).equals(header.subarray(HEADER - HASH))) return undefined;
  return {
    type: header.readUInt8(16),
    isLast: header.readUInt8(17) === 1,
    part: header.readUInt16LE(18),
    number: header.readUInt32LE(20),
    atMs: header.readDoubleLE(24),
    changes: header.readUInt32LE(32),
    from,
    to: from + HEADER + header.readUInt32LE(36),
    payloadHash: Buffer.from(header.subarray(40, 40 + HASH)),
  };
}

/** The next intact header from a place on, within the first `size` bytes of the file; undefined at the end. Throws `unreadable`. */
export function nextFrame(
  file: string,
  descriptor: number,
  { marker, from, size }: { readonly marker: Buffer; readonly from: number; readonly size: number },
): Frame | undefined {
  const frame = headerAt(readBytes(file, descriptor, from, HEADER), 0, marker, from);
  if (frame && frame.to <= size) return frame;
  // A record that was cut off may be followed by others: the search goes on within it.
  for (let at = from + 1; at + HEADER <= size;) {
    const bytes = readBytes(file, descriptor, at, Math.min(CHUNK + HEADER, size - at));
    for (let found = bytes.indexOf(marker); found >= 0; found = bytes.indexOf(marker, found + 1)) {
      const next = headerAt(bytes, found, marker, at + found);
      if (next && next.to <= size) return next;
    }
    at += CHUNK;
  }
  return undefined;
}

/** The payload of a record. Throws `corrupt` where it isn't what was written, and `unreadable`. */
export function payloadOf(file: string, descriptor: number, { from, to, payloadHash }: Frame): Buffer {
  const length = to - from - HEADER;
  const payload = length <= MOST_PAYLOAD ? readBytes(file, descriptor, from + HEADER, length) : undefined;
  if (payload?.length !== length || !hashOf(payload).equals(payloadHash))
    throw new IpfsKitError('corrupt', `A record of ${file} is damaged.`);
  return payload;
}
