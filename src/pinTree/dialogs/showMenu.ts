import * as vscode from 'vscode';
import { CHOICES } from '../../base/choices';
import type { CommandName } from '../../base/contributions';
import { COMMAND, EXTENSION_ID } from '../../base/contributions';
import { counted } from '../../base/counted';
import { isUp } from '../../daemonClient/ipfsKit/daemonState';
import type { SourceList } from '../list/sourceList';
import type { ChoosingParts } from '../list/viewChoices';
import { choose } from '../list/viewChoices';
import { sumOfKnown } from '../text/pinCount';
import { sourceDescription, sourcesMessage } from '../text/sourceText';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';

interface MenuEntry extends vscode.QuickPickItem {
  readonly run?: (typeof COMMAND)[CommandName];
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly icon?: string }[];
  };
}

/** Shows the menu of the status bar item: the commands of the sources in the view, then the general ones. */
export async function showMenu(parts: ChoosingParts): Promise<void> {
  const shown = parts.lists.shown();
  const failed = failedEntry(shown);
  const polled = shown.filter(({ source }) => source.monitor);
  const others = shown.filter(({ source }) => !source.monitor);
  const entries = [
    ...(failed ? [failed] : []),
    ...entriesFor('listPins', 'refreshPins', 'findPin', 'openCid'),
    ...section(others, commandsOf(others)),
    ...polled.flatMap((list) => section([list], commandsOf([list]))),
    separator(safe``),
    ...entriesFor('connectTo', 'showLog', 'copyDiagnostics', 'reportIssue', 'openSettings'),
  ];
  const placeHolder = shown.length > 1 ? sourcesMessage(shown) : sourceText(shown[0]);
  const chosen = await vscode.window.showQuickPick(entries, { title: 'IPFS Kit', placeHolder });
  if (chosen && chosen === failed) await choose(parts, 'status', FAILED);
  if (chosen?.run) await vscode.commands.executeCommand(chosen.run);
}

/** The first entry where pins have failed, which the status bar item says: a filter that shows them. */
function failedEntry(lists: readonly SourceList[]): MenuEntry | undefined {
  const failed = sumOfKnown(
    lists.map(({ model }) => model.state),
    (state) => state.failed,
  );
  if (failed === undefined || failed === 0) return undefined;
  return { label: safe`$(error) Show ${counted(failed, 'Failed Pin')}` };
}

const [, , FAILED] = CHOICES.status;

function sourceText({ source, model }: SourceList): SafeText {
  if (source.monitor) return safeText(source.monitor.current().detail, 500);
  return safe`${safeText(source.name)}: ${sourceDescription(model.state, Date.now())}`;
}

/** The commands that make sense for these sources now, each once. */
function commandsOf(lists: readonly SourceList[]): readonly CommandName[] {
  const of = (pick: (list: SourceList) => CommandName | false | undefined): (CommandName | false | undefined)[] =>
    lists.map(pick);
  const able = lists.map(({ source }) => source.capabilities);
  const commands = [
    ...of(({ source, model }) => source.capabilities.actions.includes('pin') && !model.state.error && 'pinCid'),
    ...of((list) => !isRunning(list) && list.source.capabilities.start),
    // A polled daemon can be stopped even if it hangs or listens on another address: it is found by its process.
    ...of((list) => (list.source.monitor ?? isRunning(list)) && list.source.capabilities.stop),
    ...of(({ source }) => source.monitor?.current().state !== 'absent' && source.capabilities.restart),
    ...able.flatMap(({ more = [] }) => more),
    ...of(({ source }) => source.capabilities.token && 'setToken'),
  ];
  return [...new Set(commands.filter((each) => each !== undefined && each !== false))];
}

function isRunning({ source, model }: SourceList): boolean {
  return source.monitor ? isUp(source.monitor.current().state) : model.state.error?.reason !== 'refused';
}

function section(lists: readonly SourceList[], commands: readonly CommandName[]): MenuEntry[] {
  const names = lists.map(({ source }) => safeText(source.name));
  return lists.length === 0 ? [] : [separator(joined(names, ', ')), ...entriesFor(...commands)];
}

/** Menu entries with the titles and icons of package.json. */
function entriesFor(...names: readonly CommandName[]): MenuEntry[] {
  const { contributes } = vscode.extensions.getExtension(EXTENSION_ID)?.packageJSON as Manifest;
  return names.map((name) => {
    const run = COMMAND[name];
    const { title = name, icon = '' } = contributes.commands.find(({ command }) => command === run) ?? {};
    return { label: safe`$(${icon.replace(/^\$\((.*)\)$/, '$1')}) ${title}`, run };
  });
}

function separator(label: SafeText): MenuEntry {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
