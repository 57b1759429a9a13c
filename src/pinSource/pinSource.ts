import type { Listing, ListingOptions } from '../pinIndex/listing';

/** What a source can tell of a pin, and what can be asked of it. */
export interface Capabilities {
  /** Pins have names. */
  readonly names: boolean;
  /** `listed`: with the list. `asked`: one by one, for the rows in view. */
  readonly sizes: 'listed' | 'asked' | 'none';
  readonly times: boolean;
  readonly actions: readonly PinAction[];
  /** The daemon can be stopped by us, if it is the user's own. */
  readonly stop: boolean;
}

export const PIN_ACTIONS = ['pin', 'unpin', 'rename', 'verify', 'recover'] as const;
export type PinAction = (typeof PIN_ACTIONS)[number];

/** `needs-token`: it is there, and refuses whoever brings none. */
export type AnswerState = 'up' | 'starting' | 'absent' | 'busy' | 'foreign' | 'needs-token';

/** What a cheap look found. */
export interface SourceAnswer {
  readonly state: AnswerState;
  /** For people: what answered, or what did not, and the next step. */
  readonly detail: string;
}

/** Progress of pinning; a source tells what it knows. */
export interface PinProgress {
  readonly blocks?: number;
  readonly bytes?: number;
}

/** What is done to one pin. Resolves when the daemon has confirmed; rejects with an IpfsKitError that names the CID and the daemon. */
export type RunPinAction = (
  action: PinAction,
  of: { readonly cid: string; readonly name?: string; readonly type?: string },
  options: { readonly signal: AbortSignal; readonly onProgress?: (progress: PinProgress) => void },
) => Promise<string | undefined>;

/** Somewhere that pins stand: a daemon, stores on disk, a cluster, a service. Plain Node; `vscode` knows nothing of it. */
export interface PinSource {
  /** Stays the same: rows are known by it. */
  readonly id: string;
  /** `Kubo`, `IPFS Cluster`. */
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Whether it is worth asking, without asking: a setting or a file says so. No network, under a millisecond. */
  isExpected(): boolean;
  /** At most a second. Never rejects, but for `cancelled`. */
  probe(signal?: AbortSignal): Promise<SourceAnswer>;
  /** Its pins, as a table in the pin worker. Rejects with an IpfsKitError. */
  open(options: OpenOptions): Promise<Listing>;
  readonly run?: RunPinAction;
  /** Sizes of pins on demand, in bytes; undefined where it can't tell. Where capabilities say `asked`. */
  sizeOf?(cid: string, signal: AbortSignal): Promise<number | undefined>;
}

export type OpenOptions = Pick<ListingOptions, 'worker' | 'signal' | 'onInterim' | 'onReceived' | 'beforeLive'>;
