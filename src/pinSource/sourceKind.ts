import type { SourceSettings, WaySettings } from '../base/settingTypes';
import type { DaemonMonitor } from '../daemonClient/ipfsKit/monitor';
import type { Probe } from '../daemonClient/ipfsKit/probe';
import type { TokenOf } from '../daemonClient/tokenCache';
import type { ListingSources } from './ipfsKitListing';
import type { PinSource, WatchedStores } from './pinSource';

/** What sources are made from. The extension fills this from its settings, the command line from its arguments. */
export interface SourceParts {
  readonly settings: () => SourceSettings;
  /** Absolute path of the Kubo repository; it need not exist. */
  readonly repository: () => string;
  /** Whether the user has set the repository, so that a missing one is an error. */
  readonly isRepositorySet: () => boolean;
  readonly authorization: TokenOf;
  /** Proxies and certificates for requests; by default requests go directly. */
  readonly ways?: (() => WaySettings) | undefined;
  /** Receives what belongs in the log. */
  readonly note?: ((line: string) => void) | undefined;
  /** Probes ipfs_kit_py's daemon. */
  readonly probe: (urls: readonly string[], signal?: AbortSignal) => Promise<Probe>;
  /** Where ipfs_kit_py's pins may come from. */
  readonly listing: () => ListingSources | Promise<ListingSources>;
  readonly monitor?: DaemonMonitor | undefined;
  readonly stores?: WatchedStores | undefined;
}

/** A kind of source: a row of the table in sourceKinds.ts. */
export interface SourceKind {
  /** The word for it in the setting `ipfsKit.sources`. */
  readonly id: string;
  /** Gives a function that returns the sources to list now: the same objects as long as their addresses stay the same. */
  readonly create: (parts: SourceParts) => () => readonly PinSource[];
}
