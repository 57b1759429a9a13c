import * as vscode from 'vscode';
import { kuboAccess } from '../../daemonClient/kuboRepository';
import { IpfsKitError } from '../../ipfsKitError';
import type { PinLists } from '../../pinTree/pinLists';
import { showStopProgress } from '../../reaper/editor/stopProgress';
import { confirmationDetail } from '../../reaper/processText';
import { receiptText } from '../../reaper/receiptText';
import type { StopResult } from '../../reaper/stopContract';
import { repositoryLock } from '../../reaper/kuboProcess';
import { stopKubo } from '../../reaper/stopKubo';
import { safe, safeText } from '../../safeText';
import type { Settings } from '../../settings';
import { refuseUntrusted } from './trust';
import type { Log } from '../../log';

export interface StopKuboParts {
  readonly log: Log;
  readonly lists: PinLists;
  readonly settings: Settings;
}

/** Kubo leaves within the second; what it does not hear in this time, SIGTERM says (s). */
const TERM_SECONDS = 5;

/** Asks, ends the Kubo of the repository, and proves it. */
export async function stopKuboDaemon({ log, lists, settings }: StopKuboParts): Promise<void> {
  refuseUntrusted('Nothing is stopped');
  const { repository } = settings.content.value();
  const access = kuboAccess(repository);
  if (!access) return void vscode.window.showInformationMessage('Kubo is not running: its repository names no address.');
  const controller = new AbortController();
  let progress: ReturnType<typeof showStopProgress> | undefined;
  const stop = 'Stop Kubo';
  let result: StopResult;
  try {
    result = await stopKubo({
      access,
      repository,
      signal: controller.signal,
      confirm: async (found) => {
        const detail = confirmationDetail(found, TERM_SECONDS);
        if ((await vscode.window.showWarningMessage('Stop the Kubo daemon?', { modal: true, detail }, stop)) !== stop)
          return false;
        progress ??= showStopProgress(() => controller.abort(), safe`Stopping Kubo`);
        return true;
      },
      onProgress: (event) => {
        log.info(`Stop Kubo, ${event.step}: ${event.message}`);
        progress?.report(event);
      },
    });
  } catch (error) {
    if (!IpfsKitError.is(error, 'cancelled')) throw error;
    return;
  } finally {
    progress?.end();
  }
  for (const note of result.notes) log.warn(`Stop Kubo: ${note}`);
  log.info('Stop Kubo: receipt', receiptText(result, Date.now(), [repositoryLock(repository)]));
  void lists.list();
  void (result.ok ? vscode.window.showInformationMessage(safeText(result.summary, 2000)) : offerLog(log, result.summary));
}

async function offerLog(log: Log, message: string): Promise<void> {
  const showLog = 'Show Log';
  if ((await vscode.window.showWarningMessage(safeText(message, 2000), showLog)) === showLog) log.show();
}
