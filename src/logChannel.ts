import * as vscode from 'vscode';
import type { Log } from './base/log';
import type { SafeText } from './base/safeText';
import { joined, safe, safeLines, safeText } from './base/safeText';

/** The longest line, in UTF-16 units. */
const LONGEST = 4000;

/** The log of the extension. Only this writes to its output channel. */
export function createLog(): Log & { dispose(): void } {
  const channel = vscode.window.createOutputChannel('IPFS Kit', { log: true });
  const text = (line: string, below: SafeText | undefined): SafeText =>
    joined([safeText(line, LONGEST), ...(below === undefined ? [] : indented(below))], '\n');
  return {
    info: (line, below) => channel.info(text(line, below)),
    warn: (line, below) => channel.warn(text(line, below)),
    error: (line, below) => channel.error(text(line, below)),
    show: () => channel.show(),
    offer: async (message) => {
      const showLog = 'Show Log';
      if ((await vscode.window.showWarningMessage(safeText(message, 2000), showLog)) === showLog) channel.show();
    },
    dispose: () => channel.dispose(),
  };
}

function indented(text: SafeText): SafeText[] {
  return safeLines(text, LONGEST).map((line) => safe`    ${line}`);
}
