import * as vscode from 'vscode';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import type { StopProgress } from '../stopContract';
import { offerForce } from './forceStop';

/** A stop that finishes sooner shows no notification, since one that only flashes up is worse than none (ms). */
const APPEAR_MS = 300;

/** The shortest time between two updates of the notification (ms): stopping a tree of thousands takes thousands of steps. */
const REPORT_EVERY_MS = 100;

const USUAL_TITLE = safe`Stopping the ipfs_kit_py daemon`;

export interface StopProgressNotification {
  report(event: StopProgress): void;
  end(): void;
}

interface StopButtons {
  readonly onCancel: () => void;
  readonly onForce: () => void;
}

/**
 * Shows the steps as a notification. It has a Cancel button only while there is something to cancel: before the first signal, and while a Kubo is being waited
 * for, which is then left to finish. A second notification offers to end that Kubo by force.
 */
export function showStopProgress({ onCancel, onForce }: StopButtons, title: SafeText = USUAL_TITLE): StopProgressNotification {
  const force = offerForce(onForce);
  let leave: (() => void) | undefined;
  let report: (message: SafeText) => void = () => undefined;
  let message = safe``;
  let isCancellable = true;

  const show = (cancellable: boolean): void => {
    leave?.();
    const left = new Promise<void>((resolve) => (leave = resolve));
    const location = vscode.ProgressLocation.Notification;
    void vscode.window.withProgress({ location, title, cancellable }, (progress, token) => {
      report = (text) => progress.report({ message: text });
      report(message);
      token.onCancellationRequested(onCancel);
      return left;
    });
  };
  let reporting: NodeJS.Timeout | undefined;
  const reportSoon = (): void => {
    reporting ??= setTimeout(() => {
      reporting = undefined;
      report(message);
    }, REPORT_EVERY_MS);
  };
  const appear = setTimeout(() => show(isCancellable), APPEAR_MS);

  return {
    report: (event) => {
      const { step, message: text, waitedMs } = event;
      message = safeText(text, 500); // Messages quote command lines, which anyone can write.
      const wasCancellable = isCancellable;
      isCancellable = step === 'graceful' || waitedMs !== undefined;
      if (leave && isCancellable !== wasCancellable) show(isCancellable);
      reportSoon();
      force.report(event);
    },
    end: () => {
      force.end();
      clearTimeout(reporting);
      clearTimeout(appear);
      leave?.();
    },
  };
}
