import * as vscode from 'vscode';
import type { StopProgress } from './stopContract';

const TITLE = 'Stopping the IPFS Kit daemon';

export interface StopProgressNotification {
  report(event: StopProgress): void;
  end(): void;
}

/** The steps as a notification; with a Cancel button only as long as there is something to cancel, that is, before the first signal. */
export function showStopProgress(onCancel: () => void): StopProgressNotification {
  let report: (message: string) => void = () => undefined;
  let leave = (): void => undefined;
  let hasEnded = false;
  let isBeyondCancel = false;

  const show = (cancellable: boolean): void => {
    const left = new Promise<void>((resolve) => (leave = resolve));
    const location = vscode.ProgressLocation.Notification;
    void vscode.window.withProgress({ location, title: TITLE, cancellable }, (progress, token) => {
      report = (message) => progress.report({ message });
      token.onCancellationRequested(onCancel);
      return left;
    });
  };
  show(true);

  return {
    report: ({ step, message }) => {
      if (hasEnded) return;
      if (!isBeyondCancel && step !== 'graceful') {
        isBeyondCancel = true;
        leave();
        show(false);
      }
      report(message);
    },
    end: () => {
      hasEnded = true;
      leave();
    },
  };
}
