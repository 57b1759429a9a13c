import * as vscode from 'vscode';
import { CHOICES } from '../../base/choices';
import type { CommandName } from '../../base/contributions';
import { COMMAND, EXTENSION_ID } from '../../base/contributions';
import { counted } from '../../base/counted';
import type { SourceList } from '../list/sourceList';
import type { ChoosingParts } from '../list/viewChoices';
import { choose } from '../list/viewChoices';
import { sumOfKnown } from '../text/pinCount';
import { commandsOf, sourceDescription, sourcesMessage } from '../text/sourceText';
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
    ...section(others),
    ...polled.flatMap((list) => section([list])),
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

/** Commands for pins, which are in the menus of their rows and of the view. */
const OF_PINS: readonly CommandName[] = ['unpin', 'renamePin', 'verifyPin', 'recoverPin', 'filterByStatus'];

/** The commands of these sources, each once. */
function section(lists: readonly SourceList[]): MenuEntry[] {
  const names = lists.map(({ source }) => safeText(source.name));
  const all = lists.flatMap(({ source, model }) => commandsOf(source, model.state.error, model.state.listing));
  const commands = [...new Set(all)].filter((command) => !OF_PINS.includes(command));
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
