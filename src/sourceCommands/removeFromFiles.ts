import * as vscode from 'vscode';
import { joined, safe, safeName, safeText } from '../base/safeText';
import { withCommas } from '../base/withCommas';
import type { ChosenEntry } from '../pinTree/chosenRows';
import { tellNothingChosen } from '../vfs/editor/contentTarget';
import type { ActionParts } from './actionParts';
import { countedOf, countOf, eachPin, listAgain, listsOf, sourcesOf, tellOutcome, whatOf } from './eachPin';
import { keptBy } from './keptBy';
import { refuseUntrusted } from './workspaceTrust';

/** The most entries that a question names, and the longest name in it, in UTF-16 units. */
const MOST_NAMED = 10;
const LONGEST_NAME = 40;

interface Removed {
  readonly entry: ChosenEntry;
  readonly putBack: (signal: AbortSignal) => Promise<void>;
}

/** Removes entries after a question that says what keeps their content then, and offers to put them back. */
export async function removeFromFiles(parts: ActionParts): Promise<void> {
  refuseUntrusted("Files can't be changed");
  const { entries } = parts;
  if (entries.length === 0) return tellNothingChosen(parts.clicked);
  if (!(await agrees(entries, parts))) return;
  const { isHere, end } = parts.focusing();
  const removed: Removed[] = [];
  const outcome = await eachPin(safe`Removing ${whatOf(entries)}`, entries, async (entry, { signal }) => {
    const putBack = await entry.list.source.entries?.remove({ path: entry.path, cid: entry.pin.cid }, signal);
    if (putBack) removed.push({ entry, putBack });
    return undefined;
  });
  if (removed.length > 0) await parts.selectBeside(isHere);
  end();
  void listAgain(listsOf(entries), parts.lists);
  const what = removed.length === 0 ? 'Removed nothing.' : `Removed ${countedOf(outcome, entries)} from ${sourcesOf(entries)}.`;
  if (await tellOutcome(what, outcome, parts.log, { canUndo: removed.length > 0 })) await putBackAll(removed, parts);
}

async function putBackAll(removed: readonly Removed[], { log, lists, select, focusing }: ActionParts): Promise<void> {
  refuseUntrusted("Files can't be changed");
  const { isHere, end } = focusing();
  const entries = removed.map(({ entry }) => entry);
  const outcome = await eachPin(safe`Putting ${whatOf(entries)} back`, entries, async (chosen, { signal }) => {
    await removed.find(({ entry }) => entry === chosen)?.putBack(signal);
    return undefined;
  });
  await listAgain(listsOf(entries), lists);
  const [first] = outcome.done;
  if (first?.path.length === 1) await select(first.pin, first.list, isHere);
  end();
  const isAll = outcome.done.length === entries.length;
  const what = isAll ? whatOf(entries) : safe`${withCommas(outcome.done.length)} of ${countOf(entries)}`;
  await tellOutcome(`Put ${what} back into ${sourcesOf(entries)}.`, outcome, log);
}

async function agrees(entries: readonly ChosenEntry[], parts: ActionParts): Promise<boolean> {
  const named = entries.slice(0, MOST_NAMED);
  const keepers = await Promise.all(named.map((entry) => keptBy(entry, entries, parts)));
  const lines = named.map(({ path, isFolder }, at) => {
    const keeper = keepers[at];
    const then = keeper === undefined ? safe`nothing else is known to keep it` : safe`still kept by ${keeper.text}`;
    const name = safe`${safeName(path.join('/'), LONGEST_NAME)}${isFolder ? ' (a folder, with everything in it)' : ''}`;
    return safe`${name}: ${then}`;
  });
  const more = entries.length > MOST_NAMED ? [safe`and ${withCommas(entries.length - MOST_NAMED)} more`] : [];
  const isLosing = more.length > 0 || keepers.some((keeper) => keeper?.isHere !== true);
  const effect = isLosing
    ? safe`What nothing else in Kubo keeps can be deleted by its next garbage collection. Undo works until then.`
    : safe`Undo puts it back.`;
  const [only] = entries.length === 1 ? entries : [];
  const detail = joined([...(only ? [safeText(only.pin.cid)] : []), ...lines, ...more, safe``, effect], '\n');
  const remove = 'Remove';
  const question = safe`Remove ${whatOf(entries)} from ${sourcesOf(entries)}?`;
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) === remove;
}
