import { closeSync, openSync, readSync } from 'node:fs';

export interface OutputTail {
  /** The file is a new one. */
  restart(): void;
  /** Takes in what has been written since, and gives its whole lines. */
  read(): readonly string[];
  /** The last lines of all that was read. */
  last(): readonly string[];
}

const MOST_BYTES_AT_ONCE = 65_536;
const MOST_LINES_KEPT = 12;
const LONGEST_LINE = 1000;

/** Follows a file that another process appends to, a bounded piece at each call. */
export function createOutputTail(file: string): OutputTail {
  let at = 0;
  let open = '';
  let kept: string[] = [];
  const bytes = Buffer.allocUnsafe(MOST_BYTES_AT_ONCE);
  return {
    restart: () => {
      at = 0;
      open = '';
      kept = [];
    },
    read: () => {
      let text: string;
      try {
        const descriptor = openSync(file, 'r');
        try {
          const length = readSync(descriptor, bytes, 0, bytes.length, at);
          at += length;
          text = bytes.toString('utf8', 0, length);
        } finally {
          closeSync(descriptor);
        }
      } catch {
        return [];
      }
      const lines = (open + text).split('\n');
      open = (lines.pop() ?? '').slice(-LONGEST_LINE);
      const whole = lines.map((line) => line.trimEnd().slice(0, LONGEST_LINE)).filter((line) => line !== '');
      kept = [...kept, ...whole].slice(-MOST_LINES_KEPT);
      return whole;
    },
    last: () => (open.trim() === '' ? kept : [...kept, open.trimEnd()].slice(-MOST_LINES_KEPT)),
  };
}
