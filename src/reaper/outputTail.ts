import { closeSync, fstatSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { openRegularFile } from '../base/regularFile';

interface OutputTail {
  /** Starts over, since the file is a new one. */
  restart(): void;
  /** Reads what has been written since the last call, and returns its complete lines. */
  read(): readonly string[];
  /** The last lines of everything that was read. */
  last(): readonly string[];
}

const MOST_BYTES_AT_ONCE = 65_536;
/** A process that writes more than this between two reads isn't followed line by line. */
const MOST_BYTES_BEHIND = 2 ** 20;
const MOST_LINES_KEPT = 12;
const LONGEST_LINE = 1000;

/** Follows a file that another process appends to. Each call reads a bounded piece. */
export function createOutputTail(file: string): OutputTail {
  const bytes = Buffer.allocUnsafe(MOST_BYTES_AT_ONCE);
  let decoder = new StringDecoder('utf8');
  let at = 0;
  let open = '';
  let kept: string[] = [];

  const readText = (): { readonly text: string; readonly skipped: number } => {
    const descriptor = openRegularFile(file);
    try {
      const { size } = fstatSync(descriptor);
      const skipped = size - at > MOST_BYTES_BEHIND ? size - MOST_BYTES_AT_ONCE - at : 0;
      at += skipped;
      const length = readSync(descriptor, bytes, 0, bytes.length, at);
      at += length;
      return { text: decoder.write(bytes.subarray(0, length)), skipped };
    } finally {
      closeSync(descriptor);
    }
  };

  return {
    restart: () => {
      decoder = new StringDecoder('utf8');
      at = 0;
      open = '';
      kept = [];
    },
    read: () => {
      try {
        const { text, skipped } = readText();
        const note = skipped > 0 ? [`(${skipped} bytes skipped; the full output is in ${file})`] : [];
        const lines = (open + text).split('\n');
        open = (lines.pop() ?? '').slice(-LONGEST_LINE);
        const whole = lines.map((line) => line.trimEnd().slice(0, LONGEST_LINE)).filter((line) => line !== '');
        kept = [...kept, ...whole].slice(-MOST_LINES_KEPT);
        return [...note, ...whole];
      } catch {
        return []; // The file doesn't exist yet, or no longer.
      }
    },
    last: () => (open.trim() === '' ? kept : [...kept, open.trimEnd()].slice(-MOST_LINES_KEPT)),
  };
}
