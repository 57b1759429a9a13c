import * as vscode from 'vscode';
import { safe, safeText } from '../base/safeText';
import { isSameCid } from '../pin/cid';
import type { ChosenEntry, ChosenPin } from '../pinTree/chosenRows';
import { shareDaemon } from '../pinSource/pinSource';
import { tellNothingChosen } from '../vfs/editor/contentTarget';
import type { ActionParts } from './actionParts';
import { whatOf } from './eachPin';
import { actOnPins } from './pinActions';

/** How long the lists are searched (ms). */
const LOOKS_MS = 5000;
/** The most pins of one content in one list. */
const MOST_ALIKE = 20;

/** Unpins the content of entries where their daemon has it pinned, after the question that unpinning always asks. The entries stay. */
export async function unpinEntries(parts: ActionParts): Promise<void> {
  const { entries, clicked } = parts;
  const [first] = entries;
  if (!first) return tellNothingChosen(clicked);
  const chosen = (await Promise.all(entries.map((entry) => pinsOf(entry, parts)))).flat();
  if (chosen.length > 0) return actOnPins('unpin', { ...parts, chosen, selectBeside: () => Promise.resolve() });
  const { source } = first.list;
  const where = safeText(source.capabilities.partOf?.name ?? source.name);
  const isOne = entries.length === 1;
  void vscode.window.showInformationMessage(
    safe`${whatOf(entries)} ${isOne ? "isn't" : "aren't"} pinned in ${where}: ${isOne ? 'it is' : 'they are'} in Files only.`,
  );
}

/** The pins of an entry's content in the lists of its daemon. */
async function pinsOf(
  { pin: { cid }, list: { source: own } }: ChosenEntry,
  { lists, worker }: Pick<ActionParts, 'lists' | 'worker'>,
): Promise<readonly ChosenPin[]> {
  const signal = AbortSignal.timeout(LOOKS_MS);
  const found = lists.shown().map(async (list): Promise<readonly ChosenPin[]> => {
    const { source, model } = list;
    if (!shareDaemon(source, own) || !source.capabilities.actions.includes('unpin') || !model.openListing) return [];
    const query = { filter: cid, limit: MOST_ALIKE };
    const pins = await worker.request('page', { table: model.openListing.opened.table, query }, { signal });
    return pins.filter((pin) => isSameCid(pin.cid, cid)).map((pin) => ({ pin, list, detail: undefined }));
  });
  return (await Promise.all(found)).flat();
}
