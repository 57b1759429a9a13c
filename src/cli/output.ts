import { jsonText } from './jsonText';

/** The two output streams of a command: results on standard output, notes and progress on standard error. */
export interface Output {
  /** Resolves once the stream has taken the bytes, so that a slow reader doesn't fill memory. Rejects with EPIPE once the reader has closed the stream. */
  readonly write: (bytes: string | Uint8Array) => Promise<void>;
  readonly hasWritten: () => boolean;
  /** Writes `{"note"}` to standard error: a fact about the result, for people and scripts. */
  readonly note: (text: string) => void;
  /** Shows progress on one line, only where standard error is a terminal. */
  readonly progress: (text: string) => void;
  /** Clears the progress line. */
  readonly done: () => void;
}

export interface Streams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

const CLEARED = '\r\x1b[K';
const PROGRESS_EVERY_MS = 100;

export function createOutput({ stdout, stderr }: Streams): Output {
  let hasWritten = false;
  let shownAt: number | undefined;
  stdout.on('error', () => undefined); // write() rejects with the same error
  stderr.on('error', () => undefined); // Without standard error there are no notes, but the result is still written.

  const done = (): void => {
    if (shownAt !== undefined) stderr.write(CLEARED);
    shownAt = undefined;
  };
  return {
    done,
    hasWritten: () => hasWritten,
    write: (bytes) => {
      if (stdout.isTTY === true) done();
      hasWritten = true;
      return new Promise((resolve, reject) => {
        stdout.write(bytes, (error?: Error | null) => (error ? reject(error) : resolve()));
      });
    },
    note: (text) => {
      done();
      stderr.write(`${jsonText({ note: text })}\n`);
    },
    progress: (text) => {
      if (stderr.isTTY !== true || (hasWritten && stdout.isTTY === true)) return;
      if (shownAt !== undefined && performance.now() - shownAt < PROGRESS_EVERY_MS) return;
      shownAt = performance.now();
      stderr.write(CLEARED + text);
    },
  };
}

/** Whether a write failed because the reader has closed the stream, as `head` does in `kit pins … | head`. */
export function hasReaderLeft(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
