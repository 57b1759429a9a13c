import type { Disposable } from './disposable';

export type StatusBarMode = 'always' | 'whenRunning' | 'never';

export interface Setting<T> {
  value(): T;
}

export interface SourceSettings {
  /** The ids of kinds of sources (pinSource/sourceKinds.ts). */
  readonly wanted: readonly string[];
  /** As it is set, as clusterUrl and the URLs of services are. Undefined: where the repository says. */
  readonly kuboUrl: string | undefined;
  /** Kubo's indirect pins are listed too: seconds more. */
  readonly indirect: boolean;
  /** Empty: none is set. */
  readonly kuboCommand: readonly string[];
  readonly clusterUrl: string | undefined;
  readonly services: readonly { readonly name: string; readonly url: string }[];
}

export interface Settings {
  /** As it is set in the user's own settings, unchecked; undefined where it is not. */
  readonly machine: (name: string) => unknown;
  /** As machine, of a list of texts: at most so many of them, and what is usual where none is set. */
  readonly texts: (name: string, usual: readonly string[], most: number) => readonly string[];
  readonly daemonUrls: Setting<readonly string[]>;
  /** Absolute; undefined: there is none. */
  readonly pidFile: Setting<string | undefined>;
  /** Absolute. */
  readonly databasePath: Setting<string>;
  /** In the user's own settings; undefined takes it out, so that the default holds. */
  readonly setDatabasePath: (path: string | undefined) => Promise<void>;
  /** Undefined: DuckDB is not read. */
  readonly pythonPath: Setting<string | undefined>;
  /** Where the content of pins is looked for: a Kubo repository, absolute, and trustless gateways, unchecked: who asks them refuses what is no address. */
  readonly content: Setting<{
    readonly repository: string;
    /** By the setting. */
    readonly isRepositorySet: boolean;
    readonly gateways: readonly string[];
  }>;
  /** Whose pins are listed, and where it is asked. */
  readonly sources: Setting<SourceSettings>;
  /** How an address beyond the usual is reached: by `ipfsKit.tls.certificates`, and the proxy settings of VS Code and the environment. */
  readonly ways: Setting<WaySettings>;
  readonly sampleWhenMissing: Setting<boolean>;
  readonly statusBar: Setting<StatusBarMode>;
  readonly onDidChange: (listener: (affects: (name: string) => boolean) => void) => Disposable;
  readonly dispose: () => void;
}

/** Settings as they are, unchecked. */
export interface WaySettings extends ProxySettings {
  /** PEM files by address, of which the scheme, host and port count. */
  readonly certificates?: unknown;
}

export interface ProxySettings {
  /** Of `http.proxy`, `http.noProxy`, `http.proxySupport` and `http.proxyAuthorization`, unchecked. */
  readonly proxy?: unknown;
  readonly noProxy?: unknown;
  readonly proxySupport?: unknown;
  readonly proxyAuthorization?: unknown;
  readonly environment: Readonly<Record<string, string | undefined>>;
}
