import type { SourceSettings, WaySettings } from '../base/settings';
import type { DaemonMonitor } from '../daemonClient/ipfsKit/monitor';
import type { Probe } from '../daemonClient/ipfsKit/probe';
import type { TokenOf } from '../daemonClient/keptTokens';
import type { ListingSources } from './ipfsKitListing';
import type { PinSource, WatchedStores } from './pinSource';

/** What sources are made from: by the extension from its settings, by the command line from its arguments. */
export interface SourceParts {
  readonly settings: () => SourceSettings;
  /** Kubo's, absolute; it need not exist. */
  readonly repository: () => string;
  /** The repository was set by the person, so that a missing one is an error and not simply absent. */
  readonly isRepositorySet: () => boolean;
  readonly authorization: TokenOf;
  /** How addresses are reached; by default directly. */
  readonly ways?: (() => WaySettings) | undefined;
  /** Receives what belongs in the log. */
  readonly note?: ((line: string) => void) | undefined;
  /** Asks ipfs_kit_py's daemon. */
  readonly probe: (urls: readonly string[], signal?: AbortSignal) => Promise<Probe>;
  /** Where ipfs_kit_py's pins may come from. */
  readonly listing: () => ListingSources;
  readonly monitor?: DaemonMonitor | undefined;
  readonly stores?: WatchedStores | undefined;
}

/** A kind of source: a row of the table in sourceKinds.ts. */
export interface SourceKind {
  /** The word for it in the setting `ipfsKit.sources`. */
  readonly id: string;
  /** Settings, or sections of them, that say where its pins are: they are listed again when one of these changes. */
  readonly settings: readonly string[];
  /** Gives a function that returns the sources expected by now: the same objects as long as they are at the same address. */
  readonly create: (parts: SourceParts) => () => readonly PinSource[];
}
