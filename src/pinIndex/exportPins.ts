import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { IpfsKitError } from '../ipfsKitError';
import type { PinWalk } from '../pin/pinWalk';
import type { ExportFormat } from './exportedText';
import { EXPORT_TEXT } from './exportedText';

export interface ExportTarget {
  /** Absolute. What is there is replaced at the end, and stays as it is if anything goes wrong. */
  readonly path: string;
  readonly format: ExportFormat;
}

export interface ExportResult {
  readonly pins: number;
  readonly bytes: number;
}

export interface ExportOptions {
  readonly signal: AbortSignal;
  readonly onPins?: (written: number) => void;
}

/** How often pins are read anew that were changed while they were being written out. */
const TRIES = 3;

/**
 * Writes all pins of a walk into a file beside the target, which then takes its place.
 * Rejects with IpfsKitError: busy where the data never holds still, unreadable where the file cannot be written, cancelled, and what the walk rejects with.
 */
export async function exportPins(walk: () => PinWalk, target: ExportTarget, options: ExportOptions): Promise<ExportResult> {
  const place = await placeOf(target.path);
  const fresh = path.join(
    path.dirname(place.file),
    `.${path.basename(place.file).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    const handle = await open(fresh, 'wx', place.mode).catch((error: unknown) => {
      throw unwritable(target.path, error);
    });
    let result: ExportResult;
    try {
      result = await writeAll(handle, walk, target, options);
    } finally {
      await handle.close();
    }
    stopIfCancelled(options.signal);
    await rename(fresh, place.file).catch((error: unknown) => {
      throw unwritable(target.path, error);
    });
    return result;
  } finally {
    await rm(fresh, { force: true });
  }
}

async function writeAll(
  handle: FileHandle,
  walk: () => PinWalk,
  { path: file, format }: ExportTarget,
  { signal, onPins }: ExportOptions,
): Promise<ExportResult> {
  const text = EXPORT_TEXT[format];
  for (let attempt = 1; ; attempt++) {
    const walking = walk();
    let pins = 0;
    let bytes = 0;
    const write = async (piece: string): Promise<void> => {
      const buffer = Buffer.from(piece);
      try {
        for (let from = 0; from < buffer.length;)
          from += (await handle.write(buffer, from, buffer.length - from, bytes + from)).bytesWritten;
      } catch (error) {
        throw unwritable(file, error);
      }
      bytes += buffer.length;
    };
    try {
      await write(text.start);
      for (;;) {
        stopIfCancelled(signal);
        const next = await walking.next(signal);
        if (next.length === 0) break;
        await write(text.pins(next, pins === 0));
        pins += next.length;
        onPins?.(pins);
      }
      await write(text.end(pins === 0));
      await handle.truncate(bytes); // an earlier attempt may have come further
      await handle.sync();
      return { pins, bytes };
    } catch (error) {
      if (attempt === TRIES || !IpfsKitError.is(error, 'busy')) throw error;
    } finally {
      walking.close();
    }
  }
}

/** A link stays one: what it leads to is replaced. A file keeps its permissions. */
async function placeOf(file: string): Promise<{ readonly file: string; readonly mode: number }> {
  try {
    const real = realpathSync(file);
    const status = await stat(real);
    if (!status.isFile())
      throw new IpfsKitError('not-a-file', `${file} is no regular file: pins are not written there. Choose another name.`);
    return { file: real, mode: status.mode & 0o777 };
  } catch (error) {
    if (IpfsKitError.is(error)) throw error;
    if (codeOf(error) === 'ENOENT') return { file, mode: 0o666 };
    throw unwritable(file, error);
  }
}

const SAYS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Make room, or choose another folder',
  EDQUOT: 'the disk quota is used up. Make room, or choose another folder',
  EACCES: 'there is no permission to. Choose another folder',
  EPERM: 'there is no permission to. Choose another folder',
  EROFS: 'the file system is read-only. Choose another folder',
  ENOENT: 'its folder is not there. Choose another folder',
  ENOTDIR: 'its folder is not there. Choose another folder',
  EFBIG: 'it would be larger than a file can be there. Choose another folder',
  ENAMETOOLONG: 'its name is too long. Choose a shorter one',
};

function unwritable(file: string, error: unknown): IpfsKitError {
  const code = codeOf(error);
  return new IpfsKitError('unreadable', `${file} could not be written: ${SAYS[code] ?? code}. Nothing was changed.`, {
    cause: error,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function stopIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new IpfsKitError('cancelled', 'Cancelled. Nothing was written.');
}
