import * as vscode from 'vscode';
import type { ProxySettings, Settings, SourceSettings } from './base/settingTypes';
import { SERVICE_NAME } from './base/settingTypes';
import { OLD_NAME, SETTING } from './base/contributions';
import {
  DEFAULT_DAEMON_URLS,
  DEFAULT_DATABASE_PATH,
  DEFAULT_HISTORY,
  DEFAULT_KUBO_COMMAND,
  DEFAULT_PID_FILE,
  DEFAULT_PYTHON,
} from './base/settingDefaults';
import { expandHome } from './base/homePath';
import { usualRepository } from './daemonClient/kubo/usualRepository';

const MAX_URLS = 8;
const MAX_TOKENS = 200;
const MAX_NAMES = 20;

/**
 * The settings with their defaults, read and checked when they are used.
 * Whatever selects a host, a file or a program comes only from the user's own settings: a second defense behind the `machine` scope in package.json.
 */
export function readSettings(): Settings {
  // Reading a setting takes a millisecond or two, and rows read some, so values are cached until the configuration changes.
  let current: vscode.WorkspaceConfiguration | undefined;
  const values = new Map<string, unknown>();
  let proxies: ProxySettings | undefined;
  const section = (): vscode.WorkspaceConfiguration => (current ??= vscode.workspace.getConfiguration(SETTING.section));
  const machine = (name: string): unknown => {
    const value = values.has(name) ? values.get(name) : section().inspect(name)?.globalValue;
    values.set(name, value);
    const old = OLD_NAME[name];
    return old !== undefined && (value === undefined || value === '') ? machine(old) : value;
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
    set: async (name, value) => section().update(name, value, vscode.ConfigurationTarget.Global),
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
    pythonPath: {
      value: () => {
        const path = machine(SETTING.pythonPath);
        const chosen = typeof path === 'string' ? path.trim() : DEFAULT_PYTHON;
        if (chosen === '') return undefined;
        return /[/\\]/.test(chosen) ? expandHome(chosen) : chosen; // a bare name is searched for in PATH
      },
    },
    content: {
      value: () => {
        const path = machine(SETTING.kuboRepository);
        const isRepositorySet = typeof path === 'string' && path.trim() !== '';
        const gateways = texts(SETTING.contentGateways, [], MAX_URLS).filter((gateway) => gateway.trim() !== '');
        return {
          repository: isRepositorySet ? expandHome(path.trim()) : usualRepository(),
          isRepositorySet,
          gateways,
        };
      },
    },
    sources: {
      value: () => ({
        wanted: machine(SETTING.sources) === undefined ? undefined : texts(SETTING.sources, [], MAX_NAMES),
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
    autoRefresh: { value: () => machine(SETTING.autoRefresh) !== false },
    statusBar: {
      value: () => {
        const mode = section().get(SETTING.statusBar);
        return mode === 'whenRunning' || mode === 'never' ? mode : 'always';
      },
    },
    history: {
      value: () => {
        const isKept = machine(SETTING.history);
        return typeof isKept === 'boolean' ? isKept : DEFAULT_HISTORY;
      },
    },
    onDidChange: (listener) =>
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SETTING.section))
          listener((name) => namesFor(name).some((each) => event.affectsConfiguration(`${SETTING.section}.${each}`)));
      }),
  };
}

/** A setting, or a section of them, with the old names of the settings in it. */
function namesFor(name: string): readonly string[] {
  return [name, ...Object.entries(OLD_NAME).flatMap(([now, old = '']) => (`${now}.`.startsWith(`${name}.`) ? [old] : []))];
}

/** VS Code's own proxy settings, those of the user or of a remote machine: a workspace can't set them. */
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

/** A URL as it was set, not checked: an invalid one, or one with a password, must be rejected where it is used and not ignored as if none were set. */
function address(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim().replace(/\/+$/, '') : '';
  return text === '' ? undefined : text;
}

function servicesOf(value: unknown): SourceSettings['services'] {
  if (!Array.isArray(value)) return [];
  const services = new Map<string, string>();
  for (const each of value.slice(0, MAX_URLS) as unknown[]) {
    const { name, url: at } = (each ?? {}) as Readonly<Record<string, unknown>>;
    const base = address(at);
    if (typeof name === 'string' && SERVICE_NAME.test(name) && base !== undefined) services.set(name, base);
  }
  return [...services].map(([name, at]) => ({ name, url: at }));
}
