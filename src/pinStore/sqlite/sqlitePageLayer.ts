import { closeSync, fstatSync } from 'node:fs';
import { openRegularFile, readInto, statusOf, unreadable } from '../../base/regularFile';

/** Fills `into` from a position on; returns how many bytes there were. */
export type ReadAt = (into: Uint8Array, position: number) => number;

/** Bytes with a known length, read by position. */
export interface ByteSource {
  readonly length: number;
  readonly readAt: ReadAt;
}

/** Pages in another file that replace those of the database: a write-ahead log or a rollback journal. */
export interface PageLayer {
  /** Bytes; a power of two from 512 to 65,536. */
  readonly pageSize: number;
  /** The pages of the database as this layer leaves it. */
  readonly pageCount: number;
  /** Page number, from 1 → where its content begins in the other file. */
  readonly offsets: ReadonlyMap<number, number>;
}

/** A file beside the database, open for reading. */
export interface SideFile extends ByteSource {
  readonly path: string;
  /** A second call does nothing. */
  close(): void;
}

/** Undefined where the file doesn't exist, or isn't a regular file. Throws unreadable. */
export function openSideFile(path: string): SideFile | undefined {
  if (statusOf(path)?.isFile() !== true) return undefined;
  let descriptor = openRegularFile(path);
  const close = (): void => {
    const closing = descriptor;
    descriptor = -1; // If it were closed twice, the descriptor could belong to another file by then.
    if (closing !== -1) closeSync(closing);
  };
  try {
    const { size: length } = fstatSync(descriptor);
    return { path, length, close, readAt: (into, position) => readInto(path, descriptor, into, position) };
  } catch (error) {
    close();
    throw unreadable(path, error);
  }
}

/** The bytes of the file below, with the pages of the layer in place of their own, and the length that the layer states. */
export function withLayer(below: ByteSource, { pageSize, pageCount, offsets }: PageLayer, readLayer: ReadAt): ByteSource {
  const length = pageCount * pageSize;
  const readAt: ReadAt = (into, position) => {
    const end = Math.min(position + into.length, length);
    for (let at = position; at < end;) {
      const page = Math.floor(at / pageSize) + 1;
      const offset = offsets.get(page);
      // Pages that aren't in the layer are read together.
      let next = page * pageSize;
      if (offset === undefined) while (next < end && !offsets.has(next / pageSize + 1)) next += pageSize;
      const part = into.subarray(at - position, Math.min(next, end) - position);
      const filled = offset === undefined ? below.readAt(part, at) : readLayer(part, offset + at - (page - 1) * pageSize);
      part.fill(0, filled);
      at = next;
    }
    return Math.max(0, end - position);
  };
  return { length, readAt };
}

export function isPageSize(bytes: number): boolean {
  return bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0;
}
