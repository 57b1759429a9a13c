import { IpfsKitError } from '../base/ipfsKitError';
import type { StopDaemonOptions } from './stopContract';

/** The options that decide which processes are the daemon. */
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
  /** Whether the caller decides which processes are the daemon. */
  readonly isNaming: boolean;
}

/**
 * Copies the options of another extension, reading each once, so that a change the caller makes later, for example in a hook after the person has agreed, has
 * no effect. Leaves out what isn't an option for callers. Throws `invalid-argument` for values that can't be copied.
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
    throw new IpfsKitError('invalid-argument', 'The options of stopDaemon must be plain data, except for its functions.', {
      cause: error,
    });
  }
  return { own: { ...data, ...given(HOOKS) }, isNaming: NAMING.some((key) => data[key] !== undefined) };
}
