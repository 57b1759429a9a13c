import type { Output } from './output';

/** A verb of the command line, which kit.ts runs. */
export interface Verb {
  readonly usage: string;
  /**
   * Resolves with the exit status, after everything that the verb started has ended. Rejects with an IpfsKitError, which kit.ts prints, and with EPIPE once
   * the reader has closed standard output.
   */
  readonly run: (args: readonly string[], surroundings: Surroundings) => Promise<number>;
  /** Without --json the verb prints plain output, so that errors go to standard error. */
  readonly printsPlain?: true;
}

export interface Surroundings {
  readonly output: Output;
  /** Aborts on Ctrl+C, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  /** Absolute path of the folder with the bundles. */
  readonly dist: string;
}
