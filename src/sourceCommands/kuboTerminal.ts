import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { homeFolder } from '../base/homePath';
import { createNotes, exitCodeIn, keptOpen, removeNotes } from './terminalThatStays';

export interface Ending {
  readonly code: number | undefined;
  /** The user closed the terminal. */
  readonly isWanted: boolean;
}

/** The terminal that Kubo runs in. It belongs to the user, and stays when the window is reloaded. */
export interface KuboTerminal {
  /** The terminal stays open when Kubo ends before it has responded. */
  readonly isKept: boolean;
  /** Shows and focuses the terminal, unless it is closed. */
  show(): void;
  /** How Kubo ended; undefined while it runs. */
  ending(): Promise<Ending | undefined>;
  /** To be called when Kubo has responded: from now on the terminal closes with Kubo, unless Kubo fails. */
  letGo(): Promise<void>;
  close(): Promise<void>;
}

export async function openKuboTerminal(file: string, args: readonly string[], repository: string): Promise<KuboTerminal> {
  // Windows has no sh, so the terminal closes with Kubo there.
  const notes = process.platform === 'win32' ? undefined : await createNotes();
  const terminal = vscode.window.createTerminal({
    name: 'Kubo',
    ...(notes === undefined ? { shellPath: file, shellArgs: [...args] } : keptOpen(notes, file, args)),
    cwd: existsSync(repository) ? repository : homeFolder(), // Kubo's message about a missing repository is better than VS Code's
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
