import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import { kuboAccess } from '../daemonClient/kubo/kuboRepository';
import { IpfsKitError } from '../base/ipfsKitError';
import type { PinLists } from '../pinTree/list/pinLists';
import { daemonSettings } from '../reaper/daemonSettings';
import { showStopProgress } from '../reaper/editor/stopProgress';
import { confirmationDetail } from '../reaper/processText';
import { stopReportText } from '../reaper/stopReportText';
import type { StopResult } from '../reaper/stopContract';
import { repositoryLock } from '../reaper/kubo/kuboProcess';
import { stopKubo } from '../reaper/kubo/stopKubo';
import { safe, safeText } from '../base/safeText';
import type { Settings } from '../base/settingTypes';
import { refuseUntrusted } from './workspaceTrust';
import type { Log } from '../base/log';

export interface StopKuboParts {
  readonly log: Log;
  readonly lists: PinLists;
  readonly settings: Settings;
}

/** True while a stop is under way. It may take long, because a Kubo that is still writing isn't interrupted; it must not be stopped twice meanwhile. */
let isStopping = false;

/** Asks, stops the Kubo of the repository, and checks that it has ended. */
export async function stopKuboDaemon(parts: StopKuboParts): Promise<void> {
  refuseUntrusted("Kubo can't be stopped");
  if (isStopping) throw new IpfsKitError('busy', 'Kubo is already being stopped.');
  isStopping = true;
  try {
    await stopOnce(parts);
  } finally {
    isStopping = false;
  }
}

async function stopOnce({ log, lists, settings }: StopKuboParts): Promise<void> {
  const { repository } = settings.content.value();
  const access = kuboAccess(repository);
  if (!access) return void vscode.window.showInformationMessage("Kubo isn't running: its repository contains no API address.");
  const [controller, force] = [new AbortController(), new AbortController()];
  const {
    gracefulTimeoutMs: gracefulMs,
    termTimeoutMs: termMs,
    kuboIdleMs: idleMs,
  } = daemonSettings(settings).stopTimeouts.value();
  let progress: ReturnType<typeof showStopProgress> | undefined;
  const stop = 'Stop Kubo';
  let result: StopResult;
  try {
    result = await stopKubo({
      access,
      repository,
      timeouts: { gracefulMs, termMs, idleMs },
      signal: controller.signal,
      force: force.signal,
      confirm: async (found) => {
        const detail = confirmationDetail(found, termMs / 1000, idleMs / 1000);
        if ((await vscode.window.showWarningMessage('Stop the Kubo daemon?', { modal: true, detail }, stop)) !== stop)
          return false;
        progress ??= showStopProgress({ onCancel: () => controller.abort(), onForce: () => force.abort() }, safe`Stopping Kubo`);
        return true;
      },
      onProgress: (event) => {
        log.info(`Stop Kubo, ${event.step}: ${event.message}`);
        progress?.report(event);
      },
    });
  } catch (error) {
    if (!IpfsKitError.is(error, 'cancelled')) throw error;
    return log.info(`Stop Kubo: ${error.message}`);
  } finally {
    progress?.end();
  }
  for (const note of result.notes) log.warn(`Stop Kubo: ${note}`);
  log.info('Stop Kubo: report', stopReportText(result, Date.now(), [repositoryLock(repository)]));
  void lists.list();
  void (result.ok ? offerStart(result.summary) : log.offer(result.summary));
}

async function offerStart(summary: string): Promise<void> {
  const start = 'Start Again';
  if ((await vscode.window.showInformationMessage(safeText(summary, 2000), start)) === start)
    await vscode.commands.executeCommand(COMMAND.startKubo);
}
