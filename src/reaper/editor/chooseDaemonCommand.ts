import path from 'node:path';
import * as vscode from 'vscode';
import { SETTING } from '../../base/contributions';
import { homeFolder } from '../../base/homePath';
import { programOnPath } from '../../base/programOnPath';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import type { Settings } from '../../base/settingTypes';
import { whyRejected } from '../../base/whyRejected';
import { pythonEnvironment } from '../../pinStore/duckdb/pythonEnvironment';
import { acceptedItem } from './acceptedItem';
import type { Python } from '../findDaemonCommands';
import { lineOf, wordsIn } from '../commandWords';
import { findDaemonCommands } from '../findDaemonCommands';
import { localCommand } from '../startDaemon';
import { createToolRunner } from '../table/runTool';

interface Entry extends vscode.QuickPickItem {
  readonly choose: () => Promise<readonly string[] | undefined>;
}

const TITLE = 'How should IPFS Kit start ipfs_kit_py?';

/** Asks how the daemon is started, and saves that as `ipfsKit.daemon.command`. Offers the commands that were found; runs none of them. False where none was chosen. */
export async function chooseDaemonCommand(settings: Settings): Promise<boolean> {
  const chosen = await pickEntry(settings);
  const command = await chosen?.choose();
  if (!command) return false;
  await settings.set(SETTING.daemonCommand, command);
  return true;
}

function pickEntry(settings: Settings): Promise<Entry | undefined> {
  const pick = vscode.window.createQuickPick<Entry>();
  pick.title = TITLE;
  pick.placeholder = 'Select the command to run';
  pick.busy = true;
  const show = (found: readonly (readonly string[])[]): void => {
    // What is found comes below: entries that moved down while somebody clicks would be mistaken for each other.
    pick.items = [
      { label: '$(folder-opened) Browse…', description: 'a Python with ipfs_kit_py, or a script', choose: browse },
      { label: '$(edit) Enter Command…', choose: () => enter([]) },
      ...found.map((command): Entry => ({ label: shown(command), choose: () => Promise.resolve(command) })),
    ];
  };
  show([]);
  const chosen = acceptedItem(pick);
  void installedPythons(settings.pythonPath.value())
    .then((pythons) => findDaemonCommands(pythons, createToolRunner(pythonEnvironment(process.env))))
    .then((found) => {
      show(found);
      pick.busy = false;
      if (found.length === 0) pick.placeholder = 'No Python with ipfs_kit_py was found';
    });
  return chosen;
}

/** The Python of the settings, and the usual ones, as far as they are installed. */
async function installedPythons(set: string | undefined): Promise<readonly Python[]> {
  const names = new Set([...(set === undefined ? [] : [set]), 'python3', 'python']);
  const search = { folder: homeFolder(), environment: process.env, platform: process.platform };
  const found = new Map<string, Python>();
  for (const name of names) {
    const file = await programOnPath(name, search);
    if (file !== undefined && !found.has(file)) found.set(file, { file, name });
  }
  return [...found.values()];
}

async function browse(): Promise<readonly string[] | undefined> {
  const [file] = (await vscode.window.showOpenDialog({ title: TITLE, openLabel: 'Choose' })) ?? [];
  if (!file) return undefined;
  const program = file.fsPath;
  const name = path.basename(program).toLowerCase();
  if (name.endsWith('.py')) return enter(['python3', program]);
  if (!name.startsWith('python')) return enter([program, 'daemon', 'start', '--host', '127.0.0.1']);
  const run = createToolRunner(pythonEnvironment(process.env));
  const [command] = await findDaemonCommands([{ file: program, name: program }], run);
  return enter(command ?? [program, '-m']);
}

/** Asks for the command; it is checked while it is typed. */
async function enter(words: readonly string[]): Promise<readonly string[] | undefined> {
  const line = await vscode.window.showInputBox({
    title: TITLE,
    prompt: 'Program and arguments. No shell runs them; quotation marks keep spaces.',
    placeHolder: 'python3 -m ipfs_kit_py.mcp.ipfs_kit.daemon.ipfs_kit_daemon --port 8774',
    value: lineOf(words),
    validateInput: (typed) => (typed.trim() === '' ? undefined : problemOf(typed)),
    ignoreFocusOut: true,
  });
  return line === undefined || line.trim() === '' ? undefined : wordsIn(line);
}

function problemOf(line: string): SafeText | undefined {
  const words = wordsIn(line);
  return words ? whyRejected(() => localCommand(words)) : safe`A quotation mark isn't closed.`;
}

function shown(command: readonly string[]): SafeText {
  return safeText(lineOf(command), 300);
}
