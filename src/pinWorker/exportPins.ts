import type { FileHandle } from 'node:fs/promises';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Pin } from '../pin/pin';
import type { PinWalk } from '../pin/pinWalk';
import type { ExportFormat } from './exportFormats';
import { replaceFile, stopIfCanceled, writeWhole } from '../base/replacedFile';
import { EXPORT_TEXT } from './exportFormats';

export interface ExportTarget {
  /** Absolute path. An existing file is replaced only at the end, and stays unchanged if anything fails. */
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

/** The most attempts: pins that change while they are written are read again from the beginning. */
const TRIES = 3;

/**
 * Writes all pins of a walk into a file beside the target, and then renames it to the target. Rejects with IpfsKitError: `busy` where the pins change during
 * every attempt, `unreadable` where the file can't be written, `cancelled`, and the errors of the walk.
 */
export async function exportPins(walk: () => PinWalk, target: ExportTarget, options: ExportOptions): Promise<ExportResult> {
  return replaceFile(target.path, options.signal, (handle) => writeAll(handle, walk, target, options));
}

/** A walk that gives these pins all at once. */
export function walkOf(pins: readonly Pin[]): PinWalk {
  let left = pins;
  return {
    next: () => {
      const next = left;
      left = [];
      return Promise.resolve(next);
    },
    close: () => (left = []),
  };
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
      await writeWhole(file, handle, buffer, bytes);
      bytes += buffer.length;
    };
    try {
      await write(text.start);
      for (;;) {
        stopIfCanceled(signal);
        const next = await walking.next(signal);
        if (next.length === 0) break;
        await write(text.pins(next, pins === 0));
        pins += next.length;
        onPins?.(pins);
      }
      await write(text.end(pins === 0));
      await handle.truncate(bytes); // an earlier attempt may have written more
      await handle.sync();
      return { pins, bytes };
    } catch (error) {
      if (attempt === TRIES || !IpfsKitError.is(error, 'busy')) throw error;
    } finally {
      walking.close();
    }
  }
}
