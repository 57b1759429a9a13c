import * as vscode from 'vscode';
import { IpfsKitError } from '../base/ipfsKitError';
import type { SafeText } from '../base/safeText';
import { safe, safeName, safeText } from '../base/safeText';
import { isPathName } from '../pin/fileName';
import { compareKeys, naturalKey } from '../pin/naturalOrder';
import type { SourceList } from '../pinTree/list/sourceList';
import type { ActionParts } from './actionParts';
import { listAgain } from './eachPin';
import { askEntryName } from './askEntryName';
import { withLateProgress } from '../vfs/editor/lateProgress';

interface FolderPick {
  readonly title: SafeText;
  /** What choosing a folder does. */
  readonly verb: SafeText;
}

interface Item extends vscode.QuickPickItem {
  readonly does: 'use' | 'make' | 'up' | 'more' | 'enter';
  readonly name?: string;
}

/** The entries of a folder that are read at a time, and how long the type of each is waited for (ms). */
const PAGE = 500;
const PATIENCE = { ms: 3000 };

/** Lets a person walk the folders of a source, each of which is read when it is entered, and make new ones. Gives the path of a folder; undefined where the pick was left. */
export async function pickFolder(
  list: SourceList,
  { title, verb }: FolderPick,
  { listFolder, lists }: Pick<ActionParts, 'listFolder' | 'lists'>,
): Promise<readonly string[] | undefined> {
  const { entries } = list.source;
  if (!entries) return undefined;
  let path: readonly string[] = [];
  let pages = 1;
  const itemsOf = async (signal: AbortSignal): Promise<Item[]> => {
    const cid = await entries.folder(path, signal);
    const page = await listFolder({ cid, path: [] }, { offset: 0, limit: PAGE * pages, patience: PATIENCE });
    const folders = page.entries
      .filter(({ name, type }) => type === 'directory' && isPathName(name))
      .map(({ name }) => ({ name, key: naturalKey(name) }))
      .sort((a, b) => compareKeys(a.key, b.key));
    const here = safe`/${safeText(path.join('/'), 200)}`;
    return [
      { does: 'use', label: verb, iconPath: new vscode.ThemeIcon('check'), description: here },
      { does: 'make', label: 'New Folder…', iconPath: new vscode.ThemeIcon('new-folder') },
      ...(path.length > 0 ? [{ does: 'up', label: 'Folder Above', iconPath: new vscode.ThemeIcon('arrow-up') } as const] : []),
      ...folders.map(({ name }) => ({ does: 'enter', name, label: safeName(name), iconPath: vscode.ThemeIcon.Folder }) as const),
      ...(page.more
        ? [{ does: 'more', label: 'Read More of This Folder', iconPath: new vscode.ThemeIcon('ellipsis') } as const]
        : []),
    ];
  };
  for (;;) {
    const reading = new AbortController();
    const items = itemsOf(reading.signal);
    const picked = await vscode.window.showQuickPick(items, { title, placeHolder: 'Select a folder to go into it' });
    reading.abort(); // It may have been left before the folder was read.
    switch (picked?.does) {
      case undefined:
        return undefined;
      case 'use':
        return path;
      case 'up':
        [path, pages] = [path.slice(0, -1), 1];
        break;
      case 'more':
        pages++;
        break;
      case 'enter':
        [path, pages] = [[...path, picked.name ?? ''], 1];
        break;
      case 'make': {
        const made = await makeFolderIn(list, path);
        if (!made) break;
        [path, pages] = [made, 1];
        void listAgain([list], lists);
      }
    }
  }
}

/** Asks for the name of a new folder and makes it. Gives its path; undefined where the box was left. Rejects with an IpfsKitError. */
export async function makeFolderIn(
  { source, model }: SourceList,
  path: readonly string[],
): Promise<readonly string[] | undefined> {
  const where = path.length === 0 ? safeText(source.name) : safe`“${safeText(path.join('/'), 80)}”`;
  const name = await askEntryName(safe`IPFS Kit: New Folder`, safe`Name of the new folder in ${where}`);
  if (name === undefined) return undefined;
  const made = [...path, name];
  const { entries } = source;
  if (!entries) throw new IpfsKitError('unsupported', `${source.name} has no folders.`);
  const release = model.hold();
  const making = withLateProgress(safe`Making the folder “${safeText(name, 80)}”`, (_, signal) =>
    entries.makeFolder(made, signal),
  );
  await making.finally(release);
  return made;
}
