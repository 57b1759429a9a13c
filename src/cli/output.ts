/** The two streams of a command line: what a script reads, and what a person sees meanwhile. */
export interface Output {
  /** Resolves when the reader has taken it, so that memory stays bounded however slow that is. Rejects with EPIPE once nobody reads. */
  readonly write: (bytes: string | Uint8Array) => Promise<void>;
  readonly hasWritten: () => boolean;
  /** Something to know beside the result, for people and scripts: `{"note"}` on the standard error. */
  readonly note: (text: string) => void;
  /** What is going on, on one line of a terminal, and nowhere else. */
  readonly progress: (text: string) => void;
  /** Takes that line away. */
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
  stdout.on('error', () => undefined); // told by write()

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
      stderr.write(`${JSON.stringify({ note: text })}\n`);
    },
    progress: (text) => {
      if (stderr.isTTY !== true || (hasWritten && stdout.isTTY === true)) return;
      if (shownAt !== undefined && performance.now() - shownAt < PROGRESS_EVERY_MS) return;
      shownAt = performance.now();
      stderr.write(CLEARED + text);
    },
  };
}

/** Whether a write failed since nobody reads what is written any more: `kit pins … | head`. */
export function hasReaderLeft(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
