import * as vscode from 'vscode';
import { COMMAND } from '../../base/contributions';
import type { Register } from '../../base/register';
import { stackHere } from '../callingExtensions';
import type { DaemonActions, DaemonActionParts } from './daemonActions';
import type { StopDaemonOptions, StopResult } from '../stopContract';

interface DaemonCommands {
  dispose(): void;
  readonly stopDaemon: (options?: StopDaemonOptions) => Promise<StopResult>;
}

interface DaemonCommandParts extends DaemonActionParts {
  /** To be called when a command begins that ends with a list; `toList` then gives the list the focus. */
  readonly focusing: () => Promise<{ readonly toList: () => Promise<void>; readonly end: () => void }>;
}

/** Registers the commands about the daemon's processes. Their bundle is loaded with the first of them. */
export function registerDaemonCommands({ focusing, ...parts }: DaemonCommandParts, register: Register): DaemonCommands {
  let loading: Promise<DaemonActions> | undefined;
  let loaded: DaemonActions | undefined;
  const reaper = (): Promise<DaemonActions> =>
    (loading ??= import('./daemonActions').then(({ createDaemonActions }) => (loaded = createDaemonActions(parts))));
  const commands = vscode.Disposable.from(
    register(COMMAND.startDaemon, async () => {
      const { toList, end } = await focusing();
      await (await reaper()).start().then(toList).finally(end);
    }),
    register(COMMAND.stopDaemon, async () => (await reaper()).stop()),
    register(COMMAND.restartDaemon, async () => (await reaper()).restart()),
    register(COMMAND.showDaemonProcesses, async () => (await reaper()).showProcesses()),
    register(COMMAND.showStopReceipt, async () => (await reaper()).showReport()),
  );
  return {
    stopDaemon: async (options) => {
      const stack = stackHere(); // The stack is taken before the first await, since the caller is on it only until then.
      return (await reaper()).stopForCaller(stack, options);
    },
    dispose: () => {
      void commands.dispose();
      loaded?.dispose();
    },
  };
}
