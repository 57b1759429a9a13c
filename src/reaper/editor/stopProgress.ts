import * as vscode from 'vscode';
import type { SafeText } from '../../safeText';
import { safe, safeText } from '../../safeText';
import type { StopProgress } from '../stopContract';

/** What is over sooner needs no notification: one that flashes up is worse than none (ms). */
const APPEAR_MS = 300;

/** Between two texts (ms): a tree of thousands has thousands of steps. */
const REPORT_EVERY_MS = 100;

const USUAL_TITLE = safe`Stopping the IPFS Kit daemon`;

export interface StopProgressNotification {
  report(event: StopProgress): void;
  end(): void;
}

/** The steps as a notification; with a Cancel button only as long as there is something to cancel, that is, before the first signal. */
export function showStopProgress(onCancel: () => void, title: SafeText = USUAL_TITLE): StopProgressNotification {
  let leave: (() => void) | undefined;
  let report: (message: SafeText) => void = () => undefined;
  let message = safe``;
  let isBeyondCancel = false;

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
  const appear = setTimeout(() => show(!isBeyondCancel), APPEAR_MS);

  return {
    report: ({ step, message: text }) => {
      message = safeText(text, 500); // command lines are anybody's
      if (!isBeyondCancel && step !== 'graceful') {
        isBeyondCancel = true;
        if (leave) show(false);
      }
      reportSoon();
    },
    end: () => {
      clearTimeout(reporting);
      clearTimeout(appear);
      leave?.();
    },
  };
}
