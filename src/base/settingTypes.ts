import type { Disposable } from './disposable';

export type StatusBarMode = 'always' | 'whenRunning' | 'never';

export interface Setting<T> {
  value(): T;
}

/** The names that a pinning service may have; package.json has the same pattern. */
export const SERVICE_NAME = /^[\w.-](?:[\w. -]{0,38}[\w.-])?$/;

export interface SourceSettings {
  /** The IDs of kinds of sources (pinSource/sourceKinds.ts); undefined means all of them. */
  readonly wanted: readonly string[] | undefined;
  /** As in the settings, like clusterUrl and the URLs of services. Undefined: the address that the repository names. */
  readonly kuboUrl: string | undefined;
  /** Whether Kubo's indirect pins are listed too, which takes seconds more. */
  readonly indirect: boolean;
  /** Program and arguments; empty where the setting isn't set. */
  readonly kuboCommand: readonly string[];
  readonly clusterUrl: string | undefined;
  readonly services: readonly { readonly name: string; readonly url: string }[];
}

export interface Settings {
  /** The value in the user's own settings, unchecked; undefined where it isn't set. */
  readonly machine: (name: string) => unknown;
  /** Sets a value in the user's own settings; undefined removes it, so that the default applies. */
  readonly set: (name: string, value: unknown) => Promise<void>;
  /** As machine, for a list of texts: at most `most` of them, and `usual` where the setting isn't set. */
  readonly texts: (name: string, usual: readonly string[], most: number) => readonly string[];
  readonly daemonUrls: Setting<readonly string[]>;
  /** Absolute; undefined if there is none. */
  readonly pidFile: Setting<string | undefined>;
  /** Absolute. */
  readonly databasePath: Setting<string>;
  /** Undefined: DuckDB files aren't read. */
  readonly pythonPath: Setting<string | undefined>;
  /**
   * Where the content of pins is looked for: a Kubo repository, absolute, and trustless gateways, unchecked. The code that asks a gateway rejects an invalid
   * address.
   */
  readonly content: Setting<{
    readonly repository: string;
    /** Whether the repository comes from the setting. */
    readonly isRepositorySet: boolean;
    readonly gateways: readonly string[];
  }>;
  /** The sources to list, and their addresses. */
  readonly sources: Setting<SourceSettings>;
  /** How addresses are reached, by `ipfsKit.tls.certificates`, and the proxy settings of VS Code and the environment. */
  readonly ways: Setting<WaySettings>;
  readonly sampleWhenMissing: Setting<boolean>;
  /** Whether visible lists are kept current by themselves. */
  readonly autoRefresh: Setting<boolean>;
  readonly statusBar: Setting<StatusBarMode>;
  /** Whether the history of the lists is kept. */
  readonly history: Setting<boolean>;
  readonly onDidChange: (listener: (affects: (name: string) => boolean) => void) => Disposable;
  readonly dispose: () => void;
}

/** The values of the settings, unchecked. */
export interface WaySettings extends ProxySettings {
  /** PEM files by address, of which the scheme, host and port count. */
  readonly certificates?: unknown;
}

export interface ProxySettings {
  /** The values of `http.proxy`, `http.noProxy`, `http.proxySupport` and `http.proxyAuthorization`, unchecked. */
  readonly proxy?: unknown;
  readonly noProxy?: unknown;
  readonly proxySupport?: unknown;
  readonly proxyAuthorization?: unknown;
  readonly environment: Readonly<Record<string, string | undefined>>;
}
