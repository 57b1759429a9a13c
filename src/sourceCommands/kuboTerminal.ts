import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { createNotes, exitCodeIn, keptOpen, removeNotes } from './keptOpen';

export interface Ending {
  readonly code: number | undefined;
  /** The person closed the terminal. */
  readonly isWanted: boolean;
}

/** Where Kubo runs: the person's own, also when this window is loaded anew. */
export interface KuboTerminal {
  /** It stays when Kubo ends without having answered. */
  readonly isKept: boolean;
  /** Gives it the focus. */
  show(): void;
  /** Undefined while Kubo runs. */
  ending(): Promise<Ending | undefined>;
  /** Kubo has answered: the terminal closes with it from now on, unless it fails. */
  letGo(): Promise<void>;
  close(): Promise<void>;
}

export async function openKuboTerminal(file: string, args: readonly string[], repository: string): Promise<KuboTerminal> {
  // Windows has no sh: there the terminal closes with Kubo.
  const notes = process.platform === 'win32' ? undefined : await createNotes();
  const terminal = vscode.window.createTerminal({
    name: 'Kubo',
    ...(notes === undefined ? { shellPath: file, shellArgs: [...args] } : keptOpen(notes, file, args)),
    cwd: existsSync(repository) ? repository : homedir(), // Kubo says better than the editor that there is none
    env: { IPFS_PATH: repository },
    iconPath: new vscode.ThemeIcon('pinned'),
  });
  terminal.show(true);
  const letGo = async (): Promise<void> => {
    if (notes !== undefined) await removeNotes(notes);
  };
  return {
    isKept: notes !== undefined,
    show: () => {
      if (vscode.window.terminals.includes(terminal)) terminal.show();
    },
    ending: async () => {
      const code = notes === undefined ? undefined : await exitCodeIn(notes);
      if (code !== undefined) return { code, isWanted: false };
      const { exitStatus } = terminal;
      return exitStatus && { code: exitStatus.code, isWanted: exitStatus.reason === vscode.TerminalExitReason.User };
    },
    letGo,
    close: async () => {
      terminal.dispose();
      await letGo();
    },
  };
}
