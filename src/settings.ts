import * as vscode from 'vscode';
import { SETTING } from './contributions';
import { DEFAULT_DAEMON_URLS, DEFAULT_DATABASE_PATH } from './defaults';
import { expandHome } from './homePath';

export type StatusBarMode = 'always' | 'whenRunning' | 'never';

export interface Setting<T> {
  value(): T;
}

export interface Settings {
  readonly daemonUrls: Setting<readonly string[]>;
  /** Absolute. */
  readonly databasePath: Setting<string>;
  readonly sampleWhenMissing: Setting<boolean>;
  readonly statusBar: Setting<StatusBarMode>;
  readonly onDidChange: (listener: (affects: (name: string) => boolean) => void) => vscode.Disposable;
}

const MAX_URLS = 8;

/**
 * The settings, read when they are wanted, checked, with their defaults.
 * What reaches a host or a file is taken from the user's own settings alone: a second line behind the `machine` scope of the manifest.
 */
export function readSettings(): Settings {
  const section = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration(SETTING.section);
  const machine = (name: string): unknown => section().inspect(name)?.globalValue;
  return {
    daemonUrls: {
      value: () => {
        const urls = machine(SETTING.daemonUrls);
        return Array.isArray(urls)
          ? urls.filter((url): url is string => typeof url === 'string').slice(0, MAX_URLS)
          : DEFAULT_DAEMON_URLS;
      },
    },
    databasePath: {
      value: () => {
        const path = machine(SETTING.databasePath);
        return expandHome(typeof path === 'string' && path.trim() !== '' ? path.trim() : DEFAULT_DATABASE_PATH);
      },
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
