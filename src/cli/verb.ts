import type { Output } from './output';

/** A verb of the command line, which kit.ts runs. */
export interface Verb {
  readonly usage: string;
  /**
   * Resolves with the exit status. Rejects with an IpfsKitError, which kit.ts prints, and with EPIPE once nobody reads the output any more.
   * What it has started is ended by then.
   */
  readonly run: (args: readonly string[], surroundings: Surroundings) => Promise<number>;
  /** Without --json it prints bytes for people, so that its errors belong on the standard error. */
  readonly printsPlain?: true;
}

export interface Surroundings {
  readonly output: Output;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
  /** The folder of the bundles, absolute. */
  readonly dist: string;
}
