import * as vscode from 'vscode';
import { COMMAND, EXTENSION_ID } from '../../base/contributions';
import { isUp } from '../../daemonClient/ipfsKit/daemonState';
import type { DaemonMonitor } from '../../daemonClient/ipfsKit/monitor';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import type { Settings } from '../../base/settingTypes';
import { callingExtensions } from '../callingExtensions';
import { ownOptions } from '../callerOptions';
import { daemonSettings } from '../daemonSettings';
import { createDaemonControl } from '../daemonControl';
import { chooseDaemonCommand } from './chooseDaemonCommand';
import { showDaemonProcesses } from './processesPick';
import type { Memory } from '../../base/editorMemory';
import { spawnMarker } from '../spawnMarker';
import { createStopReportDocument } from './stopReportDocument';
import { localCommand } from '../startDaemon';
import { createStartDialog } from './startDialog';
import type { StopDaemonOptions, StopResult } from '../stopContract';
import { createStopDialog } from './stopDialog';
import type { Log } from '../../base/log';

export interface DaemonActionParts {
  readonly log: Log;
  readonly monitor: DaemonMonitor;
  /** Lists the pins again if a list is shown. */
  readonly relist: () => Promise<void>;
  readonly worker: PinWorkerHandle;
  readonly settings: Settings;
  /** Stores the marker of the daemons that IPFS Kit starts. */
  readonly memory: Memory;
  /** The file that takes the output of a daemon that is started here. */
  readonly logFile: string;
}

/** Start, stop, restart, processes and stop report, with their dialogs. Each method throws what goes wrong. */
export interface DaemonActions {
  dispose(): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  restart(): Promise<void>;
  showProcesses(): Promise<void>;
  showReport(): Promise<void>;
  /** Stops the daemon for another extension, which is found on `stack`. Asks the person, unless that extension may stop the daemon without a question. */
  stopForCaller(stack: string, options?: StopDaemonOptions): Promise<StopResult>;
}

/** How long to watch for a restart after a stop (ms). Service managers wait 0.1 s and more before a restart, and the daemon takes a second or two to listen. */
const COMES_BACK_MS = 5000;

/** Creates the commands about the daemon's processes. Their bundle is loaded with the first of them. */
export function createDaemonActions({
  log,
  monitor,
  relist,
  worker,
  settings: all,
  memory,
  logFile,
}: DaemonActionParts): DaemonActions {
  const settings = daemonSettings(all);
  const control = createDaemonControl({ monitor, worker, marker: spawnMarker(memory), logFile, settings });
  const report = createStopReportDocument(control);
  const stopDialog = createStopDialog({ log, relist, control, settings, report });
  let comesBack: NodeJS.Timeout | undefined;
  const startDialog = createStartDialog({ log, monitor, control, settings, logFile });

  const isTrusted = async (what: 'started' | 'stopped' | 'restarted'): Promise<boolean> => {
    if (vscode.workspace.isTrusted) return true;
    const manage = 'Manage Workspace Trust';
    const message = safe`The daemon can't be ${what} from an untrusted workspace.`;
    if ((await vscode.window.showWarningMessage(message, manage)) === manage)
      await vscode.commands.executeCommand('workbench.trust.manage');
    return false;
  };

  const hasCommand = async (): Promise<boolean> => settings.daemonCommand.value().length > 0 || chooseDaemonCommand(settings);

  /** Warns if the daemon is running again: a service manager restarts what exits, so a stop doesn't last. */
  const warnIfItIsBack = async (): Promise<void> => {
    const probe = await monitor.check('poll').catch(() => undefined);
    if (!isUp(probe?.state)) return;
    const message = safe`A daemon is responding at ${probe?.url ?? 'its address'} again: something restarted it after the stop, perhaps a service manager. Stop it there.`;
    log.warn(message);
    void vscode.window.showWarningMessage(message);
  };

  const endOrphan = (pid: number, database: string): void =>
    void stopDialog.endOrphan(pid, database).catch((error: unknown) => {
      const { message } = IpfsKitError.from(error);
      log.warn(message);
      void vscode.window.showWarningMessage(safeText(message, 2000));
    });

  return {
    stop: async () => {
      if (!(await isTrusted('stopped'))) return;
      const result = await stopDialog.stop(safe`Stop the ipfs_kit_py daemon and everything it started?`, 'Stop Daemon');
      if (!result) return;
      void stopDialog.tellOutcome(result, settings.daemonCommand.value().length > 0);
      clearTimeout(comesBack);
      if (result.ok && result.killed.length > 0) comesBack = setTimeout(() => void warnIfItIsBack(), COMES_BACK_MS);
    },

    start: async () => {
      clearTimeout(comesBack);
      if (!(await isTrusted('started')) || !(await hasCommand())) return;
      const [{ state, url }, { processes }] = await Promise.all([monitor.check('asked'), control.processes()]);
      if (!isUp(state) && processes.length === 0) return startDialog.start();
      const where = isUp(state) ? safe` at ${url ?? 'its address'}` : safe` (PID ${processes[0]?.pid ?? 0})`;
      const restart = 'Restart Daemon';
      if ((await vscode.window.showInformationMessage(safe`A daemon is already running${where}.`, restart)) === restart)
        await vscode.commands.executeCommand(COMMAND.restartDaemon);
    },

    // A restart stops only a daemon that it can start again.
    restart: async () => {
      if (!(await isTrusted('restarted')) || !(await hasCommand())) return;
      localCommand(settings.daemonCommand.value());
      const question = safe`Restart the ipfs_kit_py daemon? It and everything it started are stopped first.`;
      const result = await stopDialog.stop(question, 'Restart Daemon');
      if (result?.ok === false) void stopDialog.tellOutcome(result);
      if (result?.ok === true) await startDialog.start();
    },

    showProcesses: () =>
      showDaemonProcesses(control, {
        onStop: () => void vscode.commands.executeCommand(COMMAND.stopDaemon),
        onEndOrphan: vscode.workspace.isTrusted ? endOrphan : undefined,
      }),
    showReport: () => report.show(),

    stopForCaller: async (stack, options) => {
      if (!vscode.workspace.isTrusted)
        throw new IpfsKitError('cancelled', "The daemon can't be stopped from an untrusted workspace.");
      const callers = callingExtensions(stack, vscode.extensions.all).filter(({ id }) => id !== EXTENSION_ID);
      const allowed = settings.allowedExtensions.value();
      const isAllowed = callers.length > 0 && callers.every(({ id }) => allowed.includes(id.toLowerCase()));
      const who = callers.length === 0 ? safe`Another extension` : joined(callers.map(nameOf), ', called by ');
      log.info(`Stop: ${who} requested it${isAllowed ? ', allowed without confirmation' : ''}.`);
      const { own, isNaming } = ownOptions(options ?? {});
      const naming = isNaming
        ? safe` That extension, not your settings, chose the processes: check their command lines.`
        : safe``;
      const question = safe`${who} wants to stop the ipfs_kit_py daemon and everything it started.${naming}`;
      const { confirm, onProgress } = own;
      const waiting = stopDialog.waiting();
      // The caller gets copies of what decides, and its own answer counts only in addition to the person's.
      const stopping = control.stop({
        ...own,
        signal: own.signal ? AbortSignal.any([own.signal, waiting.signal]) : waiting.signal,
        force: waiting.force,
        confirm:
          isAllowed && !confirm
            ? undefined
            : async (found) =>
                (isAllowed || (await stopDialog.agrees(question, 'Stop Daemon', found))) &&
                (await (confirm?.(structuredClone(found)) ?? true)),
        onProgress: (event) => {
          stopDialog.logStep(event);
          waiting.report(event);
          onProgress?.({ ...event });
        },
      });
      return structuredClone(await stopping.finally(() => waiting.end()));
    },

    dispose: () => {
      clearTimeout(comesBack);
      startDialog.dispose();
      report.dispose();
    },
  };
}

/** `Name (publisher.name)`. An extension chooses its name freely, but not its identifier. */
function nameOf({ id, packageJSON }: vscode.Extension<unknown>): SafeText {
  const { displayName } = Object(packageJSON) as { readonly displayName?: unknown };
  return typeof displayName === 'string' ? safe`${safeText(displayName, 60)} (${id})` : safeText(id);
}
