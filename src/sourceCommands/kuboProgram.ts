import path from 'node:path';
import * as vscode from 'vscode';
import { COMMAND, SETTING } from '../base/contributions';
import { abbreviateHome, expandHome, homeFolder } from '../base/homePath';
import { programOnPath } from '../base/programOnPath';
import { safe, safeText } from '../base/safeText';
import { DEFAULT_KUBO_COMMAND } from '../base/settingDefaults';
import type { Settings } from '../base/settingTypes';
import type { Computer } from '../daemonClient/kubo/ipfsDesktop';
import { findIpfsDesktop } from '../daemonClient/kubo/ipfsDesktop';
import { refuseUntrusted } from './workspaceTrust';

/** This computer, for findIpfsDesktop. */
export function thisComputer(): Computer {
  return { platform: process.platform, home: homeFolder(), environment: process.env };
}

/** The executable file of `program`, the first word of `ipfsKit.kubo.command`; by default also the Kubo of IPFS Desktop. Undefined where there is none. */
export async function kuboProgram(program: string): Promise<string | undefined> {
  const named = /^~[/\\]/.test(program) ? expandHome(program) : program;
  for (const each of [named, ...(program === DEFAULT_KUBO_COMMAND[0] ? findIpfsDesktop(thisComputer()).programs : [])]) {
    const file = await executable(each);
    if (file !== undefined) return file;
  }
  return undefined;
}

function executable(program: string): Promise<string | undefined> {
  return programOnPath(program, { folder: homeFolder(), environment: process.env, platform: process.platform });
}

/** Asks for Kubo's program, and saves it with the arguments of the setting. True where one was chosen. */
export async function chooseKuboProgram(settings: Settings): Promise<boolean> {
  refuseUntrusted("Kubo's program can't be chosen");
  const title = "Choose Kubo's Program";
  const [program, ...args] = settings.sources.value().kuboCommand;
  const now = (program === undefined ? undefined : await kuboProgram(program)) ?? homeFolder();
  const defaultUri = vscode.Uri.file(path.dirname(now));
  const [chosen] = (await vscode.window.showOpenDialog({ title, openLabel: 'Choose', defaultUri })) ?? [];
  if (!chosen) return false;
  const file = await executable(chosen.fsPath);
  if (file === undefined) {
    const message = safe`${safeText(path.basename(chosen.fsPath))} isn't executable, so it isn't Kubo's program.`;
    void vscode.window.showWarningMessage(message);
    return false;
  }
  await settings.set(SETTING.kuboCommand, [file, ...(args.length > 0 ? args : DEFAULT_KUBO_COMMAND.slice(1))]);
  return true;
}

/** As chooseKuboProgram, and offers to start it. */
export async function chooseProgramAndStart({ settings }: { readonly settings: Settings }): Promise<void> {
  if (!(await chooseKuboProgram(settings))) return;
  const [file = ''] = settings.sources.value().kuboCommand;
  const start = 'Start Kubo';
  void vscode.window
    .showInformationMessage(safe`Kubo's program is now ${safeText(abbreviateHome(file))}.`, start)
    .then((answer) => (answer === start ? vscode.commands.executeCommand(COMMAND.startKubo) : undefined));
}
