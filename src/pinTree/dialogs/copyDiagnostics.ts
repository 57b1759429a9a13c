import * as vscode from 'vscode';
import type { DaemonMonitor } from '../../daemonClient/monitor';
import { diagnosticsText } from '../../diagnostics';
import type { PinWorkerHandle } from '../../pinIndex/pinWorkerHandle';
import type { PinLists } from '../pinLists';

export interface DiagnosticsParts {
  readonly worker: PinWorkerHandle;
  readonly monitor: DaemonMonitor;
  readonly lists: PinLists;
  /** Of the extension. */
  readonly version: string;
}

/** Puts what a bug report needs on the clipboard; no pin data. */
export async function copyDiagnostics({ worker, monitor, lists, version }: DiagnosticsParts): Promise<void> {
  const inspected = worker.isRunning() ? await worker.request('inspect', undefined).catch(() => undefined) : undefined;
  const versions = { extension: version, editor: `${vscode.env.appName} ${vscode.version}` };
  const states = lists.shown().map(({ source, model }) => [source.name, model.state] as const);
  await vscode.env.clipboard.writeText(diagnosticsText(versions, monitor.current(), states, inspected));
  vscode.window.setStatusBarMessage('$(check) Diagnostics copied', 3000);
}
