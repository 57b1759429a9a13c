import { SETTING } from '../base/contributions';
import { DAEMON_PATTERNS, DEFAULT_KUBO_IDLE_SECONDS, DEFAULT_STOP_SECONDS } from '../base/settingDefaults';
import type { Setting, Settings } from '../base/settingTypes';

/** What counts as the daemon; see DaemonPatterns. */
interface DaemonNames {
  readonly scriptNames: readonly string[];
  readonly moduleNames: readonly string[];
  readonly commandNames: readonly string[];
}

/** The settings that only start and stop read, beside those that every part reads. */
export interface DaemonSettings extends Settings {
  /** Program and arguments. Empty where the setting isn't set. */
  readonly daemonCommand: Setting<readonly string[]>;
  readonly daemonNames: Setting<DaemonNames>;
  /** Identifiers, in lower case, of extensions that may stop the daemon without a question. */
  readonly allowedExtensions: Setting<readonly string[]>;
  /** ms. */
  readonly stopTimeouts: Setting<{
    readonly gracefulTimeoutMs: number;
    readonly termTimeoutMs: number;
    readonly kuboIdleMs: number;
  }>;
}

const MAX_TOKENS = 200;
const MAX_NAMES = 20;
const LONGEST_STOP_SECONDS = 120;
const LONGEST_KUBO_IDLE_SECONDS = 3600;

export function daemonSettings(settings: Settings): DaemonSettings {
  const names = (name: string, usual: readonly string[]): readonly string[] =>
    settings.texts(name, usual, MAX_NAMES).filter((text) => text !== '');
  const milliseconds = (name: string, least = 0, usual: number = DEFAULT_STOP_SECONDS, most = LONGEST_STOP_SECONDS): number => {
    const value = settings.machine(name);
    const usable = typeof value === 'number' && value >= least ? Math.min(value, most) : usual;
    return usable * 1000;
  };
  return {
    ...settings,
    daemonCommand: { value: () => settings.texts(SETTING.daemonCommand, [], MAX_TOKENS) },
    daemonNames: {
      value: () => ({
        scriptNames: names(SETTING.daemonScriptNames, DAEMON_PATTERNS.scriptNames),
        moduleNames: names(SETTING.daemonModuleNames, DAEMON_PATTERNS.moduleNames),
        commandNames: names(SETTING.daemonCommandNames, DAEMON_PATTERNS.commandNames),
      }),
    },
    allowedExtensions: { value: () => names(SETTING.stopAllowedExtensions, []).map((id) => id.toLowerCase()) },
    stopTimeouts: {
      value: () => ({
        gracefulTimeoutMs: milliseconds(SETTING.gracefulTimeout),
        termTimeoutMs: milliseconds(SETTING.termTimeout),
        kuboIdleMs: milliseconds(SETTING.kuboIdleTimeout, 1, DEFAULT_KUBO_IDLE_SECONDS, LONGEST_KUBO_IDLE_SECONDS),
      }),
    },
  };
}
