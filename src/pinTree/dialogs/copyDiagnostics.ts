import * as vscode from 'vscode';
import { EXTENSION_ID } from '../../base/contributions';
import type { DaemonMonitor } from '../../daemonClient/ipfsKit/monitor';
import { diagnosticsText } from '../text/diagnosticsText';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { PinLists } from '../list/pinLists';
import { joined, safe, safeLines } from '../../base/safeText';
import { copyTexts } from '../../vfs/editor/copyTexts';

export interface DiagnosticsParts {
  readonly worker: PinWorkerHandle;
  readonly monitor: DaemonMonitor;
  readonly lists: PinLists;
  /** The version of the extension. */
  readonly version: string;
}

const LONGEST_LINE = 2000;

/** Copies the diagnostics for a bug report to the clipboard. They contain no pins. */
export async function copyDiagnostics(parts: DiagnosticsParts): Promise<void> {
  await copyTexts(safe`Diagnostics`, await diagnostics(parts));
}

/**
 * Opens VS Code's issue form for this extension with its diagnostics, which the user sees before sending anything. The form itself runs this command too,
 * when the extension is selected in it (menu `issue/reporter`, since VS Code 1.96:
 * https://code.visualstudio.com/api/get-started/wrapping-up#issue-reporting).
 */
export async function reportIssue(parts: DiagnosticsParts): Promise<void> {
  const data = joined(safeLines(await diagnostics(parts), LONGEST_LINE), '\n');
  await vscode.commands.executeCommand('workbench.action.openIssueReporter', { extensionId: EXTENSION_ID, data });
}

async function diagnostics({ worker, monitor, lists, version }: DiagnosticsParts): Promise<string> {
  const inspected = worker.isRunning() ? await worker.request('inspect', undefined).catch(() => undefined) : undefined;
  const versions = { extension: version, editor: `${vscode.env.appName} ${vscode.version}` };
  const states = lists.shown().map(({ source, model }) => [source.name, model.state] as const);
  return diagnosticsText(versions, monitor.current(), states, inspected);
}
