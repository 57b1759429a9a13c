import * as vscode from 'vscode';
import { COMMAND } from '../contributions';
import { isUp } from '../daemonClient/daemonState';
import type { DaemonMonitor } from '../daemonClient/monitor';
import { IpfsKitError } from '../ipfsKitError';
import type { PinWorkerHandle } from '../pinIndex/pinWorkerHandle';
import type { PinListModel } from '../pinTree/pinListModel';
import { safeLine } from '../safeText';
import type { StopDaemonOptions } from '../api';
import type { Settings } from '../settings';
import { createDaemonControl } from './daemonControl';
import { createOutputTail } from './outputTail';
import { showDaemonProcesses } from './processesPick';
import { confirmationDetail } from './processText';
import { createReceiptDocument } from './receiptDocument';
import { showStopProgress } from './stopProgress';
import type { StartedDaemon } from './startDaemon';
import type { EnvironmentMarker } from './processTable';
import type { FoundProcess, StopProgress, StopResult } from './stopContract';

export interface ReaperParts {
  readonly log: vscode.LogOutputChannel;
  readonly monitor: DaemonMonitor;
  readonly model: PinListModel;
  readonly worker: PinWorkerHandle;
  readonly settings: Settings;
  readonly marker: EnvironmentMarker;
  /** Takes the output of a daemon that is started here. */
  readonly logFile: string;
}

/** Start, stop, restart, processes and receipt, with their dialogs. What goes wrong is thrown. */
export interface Reaper {
  dispose(): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  restart(): Promise<void>;
  showProcesses(): Promise<void>;
  showReceipt(): Promise<void>;
  /** Asks nobody. */
  stopForCaller(options?: StopDaemonOptions): Promise<StopResult>;
}

/** How long a daemon is followed until it answers (ms); July's took 28 s to initialise before it listened. */
const START_MS = 60_000;
const ASK_EVERY_MS = 500;
const TAIL_EVERY_MS = 500;

/** The entry of dist/reaper.js, which is loaded when the first of these is wanted. */
export function createReaper({ log, monitor, model, worker, settings, marker, logFile }: ReaperParts): Reaper {
  const control = createDaemonControl({ monitor, worker, marker, logFile, settings });
  const receipt = createReceiptDocument(control);
  const tail = createOutputTail(logFile);
  let tailing: NodeJS.Timeout | undefined;
  let starting = false;

  const isTrusted = async (what: string): Promise<boolean> => {
    if (vscode.workspace.isTrusted) return true;
    const manage = 'Manage Workspace Trust';
    const message = `The daemon is not ${what} from a workspace that you do not trust.`;
    if ((await vscode.window.showWarningMessage(message, manage)) === manage)
      await vscode.commands.executeCommand('workbench.trust.manage');
    return false;
  };

  const tellOutcome = async ({ ok, summary }: StopResult): Promise<void> => {
    const [showReceipt, showLog] = ['Show Receipt', 'Show Log'];
    const chosen = ok
      ? await vscode.window.showInformationMessage(summary, showReceipt)
      : await vscode.window.showWarningMessage(summary, showReceipt, showLog);
    if (chosen === showReceipt) await receipt.show();
    if (chosen === showLog) log.show();
  };

  const logStep = ({ step, message }: StopProgress): void => log.info(`Stop, ${step}: ${message}`);

  /** Undefined if the person thought better of it. */
  const stop = async (question: string, action: string): Promise<StopResult | undefined> => {
    const controller = new AbortController();
    const confirm = async (found: readonly FoundProcess[]): Promise<boolean> => {
      const detail = confirmationDetail(found, settings.stopTimeouts.value().termTimeoutMs / 1000);
      if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, action)) !== action) return false;
      progress ??= showStopProgress(() => controller.abort());
      return true;
    };
    let progress: ReturnType<typeof showStopProgress> | undefined;
    const onProgress = (event: StopProgress): void => {
      logStep(event);
      progress?.report(event);
    };
    try {
      const result = await control.stop({ confirm, onProgress, signal: controller.signal });
      for (const note of result.notes) log.warn(`Stop: ${note}`);
      if (model.state.listing ?? model.state.error) await model.list();
      return result;
    } catch (error) {
      if (!IpfsKitError.is(error, 'cancelled')) throw error;
      log.info(`Stop: ${error.message}`);
      return undefined;
    } finally {
      progress?.end();
    }
  };

  const stopDaemon = async (): Promise<void> => {
    if (!(await isTrusted('stopped'))) return;
    const result = await stop('Stop the IPFS Kit daemon and everything it started?', 'Stop Daemon');
    if (result) void tellOutcome(result);
  };

  const readOutput = (): void => {
    for (const line of tail.read()) log.info(`[daemon] ${safeLine(line, 1000)}`);
  };

  const wantsCommand = async (): Promise<boolean> => {
    if (settings.daemonCommand.value().length > 0) return false;
    const open = 'Open Setting';
    const message = 'IPFS Kit has not been told how your daemon is started. Set ipfsKit.daemon.command.';
    if ((await vscode.window.showInformationMessage(message, open)) === open)
      await vscode.commands.executeCommand('workbench.action.openSettings', 'ipfsKit.daemon.command');
    return true;
  };

  const follow = async (daemon: StartedDaemon, token: vscode.CancellationToken): Promise<void> => {
    log.info(`Start: PID ${daemon.pid}: ${safeLine(daemon.command.join(' '), 500)}`);
    tail.restart();
    tailing ??= setInterval(readOutput, TAIL_EVERY_MS);
    let ended: string | 0 | undefined;
    void daemon.ended.then((how) => {
      ended = how;
      log.info(`Start: PID ${daemon.pid} has ended (${how === 0 ? 'status 0' : how}).`);
    });
    for (const until = Date.now() + START_MS; Date.now() < until && !token.isCancellationRequested;) {
      const { state } = await monitor.check('poll');
      if (isUp(state)) {
        await monitor.check('asked');
        await warnIfOpenToOthers();
        return void vscode.window.showInformationMessage(`The IPFS Kit daemon is up (PID ${daemon.pid}).`);
      }
      if (ended !== undefined && ended !== 0) {
        readOutput();
        const last = tail.last().map((line) => safeLine(line, 300));
        throw new IpfsKitError(
          'refused',
          `The daemon ended with ${ended} before it answered. ${last.slice(-3).join(' ⏎ ')}`.trim(),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
    const asked = settings.daemonUrls
      .value()
      .map((url) => safeLine(url, 100))
      .join(', ');
    if (token.isCancellationRequested) log.info('Start: not followed any longer; the daemon goes on.');
    else
      throw new IpfsKitError(
        'timeout',
        ended === 0
          ? `The command ended, and no daemon answers at ${asked}. See the log, and ipfsKit.daemon.urls.`
          : `The daemon runs (PID ${daemon.pid}), but does not answer at ${asked} after ${START_MS / 1000} s. See the log, and ipfsKit.daemon.urls.`,
      );
  };

  const warnIfOpenToOthers = async (): Promise<void> => {
    const { processes } = await control.processes();
    const open = processes.flatMap(({ listening }) => listening ?? []).find(({ address }) => !/^127\.|^::1$/.test(address));
    if (open)
      void vscode.window.showWarningMessage(
        `The daemon listens at ${open.address}:${open.port}, where other machines can reach it without a password. Add --host 127.0.0.1 to ipfsKit.daemon.command.`,
      );
  };

  const start = async (): Promise<void> => {
    if (starting) throw new IpfsKitError('busy', 'The daemon is being started already.');
    starting = true;
    try {
      const daemon = await control.start();
      const location = vscode.ProgressLocation.Notification;
      await vscode.window.withProgress({ location, title: 'Starting the IPFS Kit daemon', cancellable: true }, (_, token) =>
        follow(daemon, token),
      );
    } finally {
      starting = false;
    }
  };

  const startDaemon = async (): Promise<void> => {
    if (!(await isTrusted('started')) || (await wantsCommand())) return;
    const [{ state, url }, { processes }] = await Promise.all([monitor.check('asked'), control.processes()]);
    if (isUp(state) || processes.length > 0) {
      const where = isUp(state) ? ` at ${url}` : ` (PID ${processes[0]?.pid})`;
      const restart = 'Restart Daemon';
      if ((await vscode.window.showInformationMessage(`A daemon is running already${where}.`, restart)) === restart)
        await restartDaemon();
      return;
    }
    await start();
  };

  /** Never stops what it could not start again. */
  const restartDaemon = async (): Promise<void> => {
    if (!(await isTrusted('restarted')) || (await wantsCommand())) return;
    const result = await stop('Restart the IPFS Kit daemon? It and everything it started are ended first.', 'Restart Daemon');
    if (result?.ok === false) void tellOutcome(result);
    if (result?.ok === true) await start();
  };

  return {
    start: startDaemon,
    stop: stopDaemon,
    restart: restartDaemon,
    showProcesses: () => showDaemonProcesses(control, () => void vscode.commands.executeCommand(COMMAND.stopDaemon)),
    showReceipt: () => receipt.show(),
    stopForCaller: async (options) => {
      if (!vscode.workspace.isTrusted)
        throw new IpfsKitError('cancelled', 'The daemon is not stopped from a workspace that is not trusted.');
      return control.stop({
        ...options,
        onProgress: (event) => {
          logStep(event);
          options?.onProgress?.(event);
        },
      });
    },
    dispose: () => {
      clearInterval(tailing);
      receipt.dispose();
    },
  };
}
