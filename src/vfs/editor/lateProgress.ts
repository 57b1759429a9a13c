import * as vscode from 'vscode';
import type { SafeText } from '../../base/safeText';

/**
 * Says what is being done; `increment` is the part of it, in percent, that has been done since the last report. Left out where nobody knows how much there is
 * to do: with any number, even 0, VS Code draws a bar of that length instead of one that moves.
 */
type Report = (message: SafeText, increment?: number) => void;

interface Step {
  readonly message: SafeText;
  readonly increment?: number;
}

/**
 * Work that ends sooner than this, in ms, shows only what came of it. A notification that comes and goes would be in its way: VS Code shows no toast for the
 * fourth notification within 0.8 s.
 */
const LATE_MS = 500;

/** Does the work, with a progress notification that can be canceled if it takes long. Settles as the work does. */
export async function withLateProgress<Result>(
  title: SafeText,
  work: (report: Report, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const canceling = new AbortController();
  let progress: vscode.Progress<Step> | undefined;
  let unseen: Step | undefined;
  const show = (): void => {
    if (!progress || !unseen) return;
    progress.report(unseen);
    unseen = undefined;
  };
  const working = work((message, increment = unseen?.increment === undefined ? undefined : 0) => {
    unseen = { message, ...(increment !== undefined && { increment: (unseen?.increment ?? 0) + increment }) };
    show();
  }, canceling.signal);

  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, LATE_MS, true)));
  const ended = working.then(
    () => false,
    () => false,
  );
  const isLate = await Promise.race([ended, late]);
  clearTimeout(timer);
  if (isLate)
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (shown, token) => {
        token.onCancellationRequested(() => canceling.abort());
        progress = shown;
        show();
        return ended;
      },
    );
  return working;
}
