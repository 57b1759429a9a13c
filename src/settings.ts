import * as vscode from 'vscode';
import type { ProxySettings, WaySettings } from './daemonClient/way';
import { SETTING } from './base/contributions';
import {
  DEFAULT_DAEMON_URLS,
  DEFAULT_DATABASE_PATH,
  DEFAULT_KUBO_COMMAND,
  DEFAULT_PID_FILE,
  DEFAULT_PYTHON,
  DEFAULT_REPOSITORY,
  USUAL_SOURCES,
} from './base/defaults';
import { expandHome } from './base/homePath';

export type StatusBarMode = 'always' | 'whenRunning' | 'never';

export interface Setting<T> {
  value(): T;
}

export interface SourceSettings {
  /** `ipfs_kit_py`, `kubo`, `cluster`, `services`. */
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
  /** Whose pins are listed besides those of ipfs_kit_py, and where it is asked. */
  readonly sources: Setting<SourceSettings>;
  /** How an address beyond the usual is reached: by `ipfsKit.tls.certificates`, and the proxy settings of VS Code and the environment. */
  readonly ways: Setting<WaySettings>;
  readonly sampleWhenMissing: Setting<boolean>;
  readonly statusBar: Setting<StatusBarMode>;
  readonly onDidChange: (listener: (affects: (name: string) => boolean) => void) => vscode.Disposable;
  readonly dispose: () => void;
}

const MAX_URLS = 8;
const MAX_TOKENS = 200;
const MAX_NAMES = 20;

/**
 * The settings, read when they are wanted, checked, with their defaults.
 * What reaches a host or a file is taken from the user's own settings alone: a second line behind the `machine` scope of the manifest.
 */
export function readSettings(): Settings {
  // Reading a setting costs a millisecond or two, and rows ask for some: what has been read holds until the configuration changes.
  let current: vscode.WorkspaceConfiguration | undefined;
  const values = new Map<string, unknown>();
  let proxies: ProxySettings | undefined;
  const section = (): vscode.WorkspaceConfiguration => (current ??= vscode.workspace.getConfiguration(SETTING.section));
  const machine = (name: string): unknown => {
    if (!values.has(name)) values.set(name, section().inspect(name)?.globalValue);
    return values.get(name);
  };
  const changes = vscode.workspace.onDidChangeConfiguration(() => {
    current = undefined;
    values.clear();
    proxies = undefined;
  });
  const texts = (name: string, usual: readonly string[], most: number): readonly string[] => {
    const value = machine(name);
    return Array.isArray(value) ? value.filter((text): text is string => typeof text === 'string').slice(0, most) : usual;
  };
  return {
    dispose: () => void changes.dispose(),
    machine,
    texts,
    daemonUrls: { value: () => texts(SETTING.daemonUrls, DEFAULT_DAEMON_URLS, MAX_URLS) },
    pidFile: {
      value: () => {
        const path = machine(SETTING.daemonPidFile);
        const usual = process.platform === 'win32' ? '' : DEFAULT_PID_FILE;
        const chosen = typeof path === 'string' ? path.trim() : usual;
        return chosen === '' ? undefined : expandHome(chosen);
      },
    },
    databasePath: {
      value: () => {
        const path = machine(SETTING.databasePath);
        return expandHome(typeof path === 'string' && path.trim() !== '' ? path.trim() : DEFAULT_DATABASE_PATH);
      },
    },
    setDatabasePath: async (path) => section().update(SETTING.databasePath, path, vscode.ConfigurationTarget.Global),
    pythonPath: {
      value: () => {
        const path = machine(SETTING.pythonPath);
        const chosen = typeof path === 'string' ? path.trim() : DEFAULT_PYTHON;
        if (chosen === '') return undefined;
        return /[/\\~]/.test(chosen) ? expandHome(chosen) : chosen; // a bare name is looked for along PATH
      },
    },
    content: {
      value: () => {
        const path = machine(SETTING.contentRepository);
        const isRepositorySet = typeof path === 'string' && path.trim() !== '';
        const chosen = isRepositorySet ? path.trim() : process.env['IPFS_PATH'];
        const gateways = texts(SETTING.contentGateways, [], MAX_URLS).filter((gateway) => gateway.trim() !== '');
        return {
          repository: expandHome(chosen === undefined || chosen === '' ? DEFAULT_REPOSITORY : chosen),
          isRepositorySet,
          gateways,
        };
      },
    },
    sources: {
      value: () => ({
        wanted: texts(SETTING.sources, USUAL_SOURCES, MAX_NAMES),
        kuboUrl: address(machine(SETTING.kuboUrl)),
        indirect: machine(SETTING.kuboIndirect) === true,
        kuboCommand: texts(SETTING.kuboCommand, DEFAULT_KUBO_COMMAND, MAX_TOKENS),
        clusterUrl: address(machine(SETTING.clusterUrl)),
        services: servicesOf(machine(SETTING.pinningServices)),
      }),
    },
    ways: {
      value: () => ({ ...(proxies ??= proxySettings()), certificates: machine(SETTING.tlsCertificates) }),
    },
    sampleWhenMissing: { value: () => machine(SETTING.sampleWhenMissing) === true },
    statusBar: {
      value: () => {
        const mode = section().get(SETTING.statusBar);
        return mode === 'whenRunning' || mode === 'never' ? mode : 'always';
      },
    },
    onDidChange: (listener) =>
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SETTING.section))
          listener((name) => event.affectsConfiguration(`${SETTING.section}.${name}`));
      }),
  };
}

/** VS Code's own, which no workspace can set: those of the user, and of the machine in a remote window. */
function proxySettings(): ProxySettings {
  const http = vscode.workspace.getConfiguration('http');
  const own = (name: string): unknown => http.inspect(name)?.globalValue;
  return {
    proxy: own('proxy'),
    noProxy: own('noProxy'),
    proxySupport: own('proxySupport'),
    proxyAuthorization: own('proxyAuthorization'),
    environment: process.env,
  };
}

/** Unchecked: what is no address, or holds a password, is refused where it is used, and not passed over as if none were set. */
function address(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim().replace(/\/+$/, '') : '';
  return text === '' ? undefined : text;
}

const SERVICE_NAME = /^[\w.-](?:[\w. -]{0,38}[\w.-])?$/;

function servicesOf(value: unknown): SourceSettings['services'] {
  if (!Array.isArray(value)) return [];
  const services = new Map<string, string>();
  for (const each of value.slice(0, MAX_URLS) as unknown[]) {
    const { name, url: at } = (each ?? {}) as Readonly<Record<string, unknown>>;
    const base = address(at);
    if (typeof name === 'string' && SERVICE_NAME.test(name) && base !== undefined)
      services.set(name, base.replace(/\/pins$/, ''));
  }
  return [...services].map(([name, at]) => ({ name, url: at }));
}
