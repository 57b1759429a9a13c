import { IpfsKitError } from '../base/ipfsKitError';
import type { StopDaemonOptions } from './stopContract';

/** What says which processes are the daemon. */
const NAMING = [
  'scriptNames',
  'moduleNames',
  'commandNames',
  'envMarker',
] as const satisfies readonly (keyof StopDaemonOptions)[];
const DATA = [
  ...NAMING,
  ...(['host', 'port', 'pidFile', 'dbPaths', 'gracefulTimeoutMs', 'termTimeoutMs', 'killTimeoutMs'] as const),
] satisfies readonly (keyof StopDaemonOptions)[];
const HOOKS = ['confirm', 'gracefulStop', 'onProgress', 'signal'] as const satisfies readonly (keyof StopDaemonOptions)[];

interface OwnOptions {
  readonly own: StopDaemonOptions;
  /** Whether the caller says itself which processes are the daemon. */
  readonly isNaming: boolean;
}

/**
 * The options of another extension, each read once, and its data copied: what it changes afterwards, as in a hook of its own after the person has agreed,
 * changes nothing. What isn't an option for callers is left out. Throws `invalid-argument` for what can't be copied.
 */
export function ownOptions(options: StopDaemonOptions): OwnOptions {
  const given = <Key extends keyof StopDaemonOptions>(keys: readonly Key[]): Pick<StopDaemonOptions, Key> => {
    const entries = keys.map((key) => [key, options[key]] as const).filter(([, value]) => value !== undefined);
    return Object.fromEntries(entries) as Pick<StopDaemonOptions, Key>;
  };
  let data: Pick<StopDaemonOptions, (typeof DATA)[number]>;
  try {
    data = structuredClone(given(DATA));
  } catch (error) {
    throw new IpfsKitError('invalid-argument', 'The options of stopDaemon must be plain data, besides its functions.', {
      cause: error,
    });
  }
  return { own: { ...data, ...given(HOOKS) }, isNaming: NAMING.some((key) => data[key] !== undefined) };
}
