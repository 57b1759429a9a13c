import * as vscode from 'vscode';
import type { SafeText } from '../base/safeText';
import { safe, safeName, safeText } from '../base/safeText';
import type { ChosenEntry } from '../pinTree/chosenRows';
import { tellNothingChosen } from '../vfs/editor/contentTarget';
import type { ActionParts } from './actionParts';
import { countedOf, eachPin, listAgain, listsOf, tellOutcome, whatOf } from './eachPin';
import { askEntryName } from './askEntryName';
import { pickFolder } from './pickFolder';
import { refuseUntrusted } from './workspaceTrust';

interface Move {
  readonly entry: ChosenEntry;
  readonly to: readonly string[];
}

/** Asks for another name of an entry. */
export async function renameEntry(parts: ActionParts): Promise<void> {
  refuseUntrusted("Files can't be changed");
  const [entry, ...others] = parts.entries;
  if (!entry) return tellNothingChosen(parts.clicked);
  if (others.length > 0) return void vscode.window.showInformationMessage('Items are renamed one at a time.');
  const now = entry.path.at(-1) ?? '';
  const name = await askEntryName(safe`IPFS Kit: Rename`, safe`New name of “${safeName(now, 80)}”`, now);
  if (name === undefined || name === now) return;
  const to = [...entry.path.slice(0, -1), name];
  await moveAll([{ entry, to }], ['Renaming', 'Renamed'], safe`“${safeText(name, 80)}”`, parts);
}

/** Asks for a folder, and moves entries there with their names. */
export async function moveEntries(parts: ActionParts): Promise<void> {
  refuseUntrusted("Files can't be changed");
  const [first] = parts.entries;
  if (!first) return tellNothingChosen(parts.clicked);
  const folder = await pickFolder(
    first.list,
    { title: safe`IPFS Kit: Move ${whatOf(parts.entries)}`, verb: safe`Move Here` },
    parts,
  );
  if (!folder) return;
  const moves = parts.entries
    .map((entry): Move => ({ entry, to: [...folder, entry.path.at(-1) ?? ''] }))
    .filter(({ entry, to }) => JSON.stringify(entry.path) !== JSON.stringify(to));
  if (moves.length === 0) return void vscode.window.showInformationMessage('Already in this folder.');
  await moveAll(moves, ['Moving', 'Moved'], safe`“/${safeText(folder.join('/'), 80)}”`, parts);
}

/** Moves entries one after the other. *Undo* moves them back. */
async function moveAll(
  moves: readonly Move[],
  words: readonly ['Renaming' | 'Moving', 'Renamed' | 'Moved'],
  where: SafeText | undefined,
  parts: ActionParts,
): Promise<void> {
  const { isHere, end } = parts.focusing();
  const entries = moves.map(({ entry }) => entry);
  const moved: Move[] = [];
  const outcome = await eachPin(safe`${words[0]} ${whatOf(entries)}`, entries, async (entry, { signal }) => {
    const to = moves.find((move) => move.entry === entry)?.to ?? entry.path;
    await entry.list.source.entries?.move({ path: entry.path, cid: entry.pin.cid }, to, signal);
    moved.push({ entry: { ...entry, path: to, pin: { ...entry.pin, name: to.at(-1) ?? '' } }, to: entry.path });
    return undefined;
  });
  const [first] = moved;
  const isAtTop = first?.entry.path.length === 1;
  if (first && !isAtTop) await parts.selectBeside(isHere); // its new row may not be drawn
  await listAgain(listsOf(entries), parts.lists);
  if (first && isAtTop) await parts.select(first.entry.pin, first.entry.list, isHere);
  end();
  const what = `${words[1]} ${countedOf(outcome, entries)}${where === undefined ? ' back' : ` to ${where}`}.`;
  const canUndo = moved.length > 0 && where !== undefined;
  const isUndone = await tellOutcome(moved.length === 0 ? '' : what, outcome, parts.log, { canUndo });
  if (!isUndone) return;
  refuseUntrusted("Files can't be changed");
  await moveAll(moved, words, undefined, parts);
}
