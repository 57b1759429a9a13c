import * as vscode from 'vscode';
import { COMMAND } from '../../base/contributions';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import type { DaemonSettings } from '../daemonSettings';
import type { DaemonControl } from '../daemonControl';
import { confirmationDetail, orphanDetail } from '../processText';
import type { StopReportDocument } from './stopReportDocument';
import type { FoundProcess, StopProgress, StopResult } from '../stopContract';
import type { StopProgressNotification } from './stopProgress';
import { showStopProgress } from './stopProgress';
import type { Log } from '../../base/log';

interface Parts {
  readonly log: Log;
  /** Lists the pins again if a list is shown. */
  readonly relist: () => Promise<void>;
  readonly control: DaemonControl;
  readonly settings: DaemonSettings;
  readonly report: StopReportDocument;
}

type Action = 'Stop Daemon' | 'Restart Daemon';

interface StopDialog {
  /** Asks, stops with progress, and lists the pins again. Undefined if the person declined. */
  stop(question: SafeText, action: Action): Promise<StopResult | undefined>;
  /** Whether the person agrees to end these processes. */
  agrees(question: SafeText, action: Action, found: readonly FoundProcess[]): Promise<boolean>;
  /** `canStart`: offers to start the daemon again where it was stopped. */
  tellOutcome(result: StopResult, canStart?: boolean): Promise<void>;
  /** Asks, and ends one process that a daemon has left behind. Throws `refused` where that can't be proven. */
  endOrphan(pid: number, database: string): Promise<void>;
  logStep(event: StopProgress): void;
  /** For a stop that another extension has requested: shows nothing until a Kubo is being waited for, then offers what a person can do about it. */
  waiting(): StopWaiting;
}

interface StopWaiting {
  readonly signal: AbortSignal;
  readonly force: AbortSignal;
  report(event: StopProgress): void;
  end(): void;
}

/** Shows a stop to the person: the question, the steps, the outcome. */
export function createStopDialog({ log, relist, control, settings, report }: Parts): StopDialog {
  const logStep = ({ step, message }: StopProgress): void => log.info(`Stop, ${step}: ${message}`);

  const agrees = async (question: SafeText, action: Action, found: readonly FoundProcess[]): Promise<boolean> => {
    const { termTimeoutMs, kuboIdleMs } = settings.stopTimeouts.value();
    const detail = confirmationDetail(found, termTimeoutMs / 1000, kuboIdleMs / 1000);
    return (await vscode.window.showWarningMessage(question, { modal: true, detail }, action)) === action;
  };

  const tellOutcome = async ({ ok, summary, dbLockers }: StopResult, canStart = false): Promise<void> => {
    const message = safeText(summary, 2000);
    const [start, showReport, showLog, showProcesses] = [
      'Start Again',
      'Show Report',
      'Show Log',
      'Show Daemon Processes',
    ] as const;
    const chosen = ok
      ? await vscode.window.showInformationMessage(message, ...(canStart ? [start] : []), showReport)
      : await vscode.window.showWarningMessage(message, ...(dbLockers.length > 0 ? [showProcesses] : []), showReport, showLog);
    if (chosen === start) await vscode.commands.executeCommand(COMMAND.startDaemon);
    if (chosen === showReport) await report.show();
    if (chosen === showLog) log.show();
    if (chosen === showProcesses) await vscode.commands.executeCommand(COMMAND.showDaemonProcesses);
  };

  return {
    logStep,
    agrees,

    stop: async (question, action) => {
      const [controller, force] = [new AbortController(), new AbortController()];
      let progress: StopProgressNotification | undefined;
      const confirm = async (found: readonly FoundProcess[]): Promise<boolean> => {
        if (!(await agrees(question, action, found))) return false;
        progress ??= showStopProgress({ onCancel: () => controller.abort(), onForce: () => force.abort() });
        return true;
      };
      const onProgress = (event: StopProgress): void => {
        logStep(event);
        progress?.report(event);
      };
      try {
        const result = await control.stop({ confirm, onProgress, signal: controller.signal, force: force.signal });
        for (const note of result.notes) log.warn(`Stop: ${note}`);
        await relist();
        return result;
      } catch (error) {
        if (!IpfsKitError.is(error, 'cancelled')) throw error;
        log.info(`Stop: ${error.message}`);
        return undefined;
      } finally {
        progress?.end();
      }
    },

    endOrphan: async (pid, database) => {
      const [controller, force] = [new AbortController(), new AbortController()];
      let progress: StopProgressNotification | undefined;
      try {
        const result = await control.endOrphan({
          pid,
          database,
          confirm: async (found) => {
            const detail = orphanDetail(found, Date.now(), settings.stopTimeouts.value().termTimeoutMs / 1000);
            const end = 'End Process';
            const question = 'End the process that locks the pin database?';
            if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, end)) !== end) return false;
            const buttons = { onCancel: () => controller.abort(), onForce: () => force.abort() };
            progress = showStopProgress(buttons, safe`Ending PID ${found.pid}`);
            return true;
          },
          signal: controller.signal,
          force: force.signal,
          onProgress: (event) => {
            logStep(event);
            progress?.report(event);
          },
        });
        await relist();
        void tellOutcome(result);
      } catch (error) {
        if (!IpfsKitError.is(error, 'cancelled')) throw error;
        log.info(`Stop: ${error.message}`);
      } finally {
        progress?.end();
      }
    },

    waiting: () => {
      const [cancel, force] = [new AbortController(), new AbortController()];
      let progress: StopProgressNotification | undefined;
      return {
        signal: cancel.signal,
        force: force.signal,
        report: (event) => {
          if (event.waitedMs !== undefined)
            progress ??= showStopProgress({ onCancel: () => cancel.abort(), onForce: () => force.abort() });
          progress?.report(event);
        },
        end: () => progress?.end(),
      };
    },

    tellOutcome,
  };
}
