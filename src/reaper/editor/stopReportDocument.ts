import * as vscode from 'vscode';
import type { DaemonControl } from '../daemonControl';
import { stopReportText } from '../stopReportText';
import { safe } from '../../base/safeText';

const SCHEME = 'ipfs-kit-stop-report';

export interface StopReportDocument {
  dispose(): void;
  show(): Promise<void>;
}

/** Shows the report of the last stop as a read-only document, so that VS Code never asks to save it. */
export function createStopReportDocument(control: DaemonControl): StopReportDocument {
  const registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: () => {
      const last = control.lastReport();
      return last ? stopReportText(last.result, last.at, last.databases) : safe``;
    },
  });
  return {
    show: async () => {
      const last = control.lastReport();
      if (!last) return void vscode.window.showInformationMessage('No daemon was stopped from this window yet.');
      const time = new Date(last.at).toISOString().slice(0, 19).replaceAll(':', '.');
      const uri = vscode.Uri.from({ scheme: SCHEME, path: `/Daemon stop ${time}.txt` });
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    },
    dispose: () => void registration.dispose(),
  };
}
