import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import { abbreviateHome } from '../base/homePath';
import { IpfsKitError } from '../base/ipfsKitError';
import type { PastedPath } from '../pin/pastedPath';
import { parsePasted } from '../pin/pastedPath';
import { shortCid } from '../pin/cid';
import type { SourceList } from '../pinTree/list/sourceList';
import type { ChosenPin } from '../pinTree/chosenRows';
import type { SafeText } from '../base/safeText';
import { joined, safe, safeName, safeText } from '../base/safeText';
import { withCommas } from '../base/withCommas';
import type { PinAction, PinProgress } from '../pinSource/pinSource';
import { actionsOn } from '../pinSource/pinSource';
import { countedOf, eachPin, listAgain, listsOf, progressText, skippedText, sourcesOf, tellOutcome, whatOf } from './eachPin';
import type { ActionParts } from './actionParts';
import { withLateProgress } from '../vfs/editor/lateProgress';
import { recoverPins } from './recoverPins';
import { unpinPins } from './unpinPins';
import { tellNothingChosen } from '../vfs/editor/contentTarget';
import { askForCid } from '../vfs/editor/cidBox';
import { refuseUntrusted } from './workspaceTrust';

type RowAction = Exclude<PinAction, 'pin'>;

/** The forms of each verb for titles, results and sentences. */
const WORDS: Readonly<Record<RowAction, readonly [doing: string, done: string, verb: string]>> = {
  unpin: ['Unpinning', 'Unpinned', 'unpin'],
  rename: ['Renaming', 'Renamed', 'rename'],
  verify: ['Verifying', 'Verified', 'verify'],
  recover: ['Recovering', 'Recovered', 'recover'],
};

/** The most pins that a question names; the others are counted. */
const MOST_NAMED = 10;

/** Does the action to each chosen pin, one after the other, and reports what came of it. The lists are read again afterwards. */
export async function actOnPins(action: RowAction, parts: ActionParts): Promise<void> {
  if (action !== 'verify') refuseUntrusted("Pins can't be changed"); // verifying changes nothing
  const able = parts.chosen.filter(({ list: { source } }) => source.run && source.capabilities.actions.includes(action));
  const pins = able.filter(({ pin, list }) => actionsOn(pin, list.source.capabilities).includes(action));
  const [, done, verb] = WORDS[action];
  const [first] = pins;
  if (!first) {
    if (parts.chosen.length === 0) return tellNothingChosen(parts.clicked);
    const why =
      able.length > 0
        ? safe`Indirect pins can't be ${done.toLowerCase()}: a recursive pin above keeps them.`
        : safe`${sourcesOf(parts.chosen)} can't ${verb} pins.`;
    return void vscode.window.showInformationMessage(why);
  }
  switch (action) {
    case 'unpin':
      return (await agreesToUnpin(pins)) ? unpinPins(pins, parts) : undefined;
    case 'recover':
      return recoverPins(pins, parts);
    case 'verify':
      return verify(pins, parts);
    case 'rename': {
      if (pins.length > 1) return void vscode.window.showInformationMessage('Pins are renamed one at a time.');
      const name = await askName(first.pin.name);
      return name === undefined ? undefined : rename(first, name, parts);
    }
  }
}

async function verify(pins: readonly ChosenPin[], { log, lists, chosen }: ActionParts): Promise<void> {
  const done = await eachPin(safe`Verifying ${whatOf(pins)}`, pins, ({ pin, list }, options) =>
    list.source.run?.('verify', pin, options),
  );
  const isWhole = pins.length > 1 && done.done.length === pins.length;
  const [only] = pins.length === 1 ? done.answers : [];
  const what = `Verified ${countedOf(done, pins)}${isWhole ? ': all of them are complete' : ''}.`;
  if (done.gone.length > 0) void listAgain(listsOf(done.gone), lists);
  await tellOutcome(
    `${only === undefined ? what : `${what} ${only}`}${skippedText(chosen.length - pins.length, 'verified')}`,
    done,
    log,
  );
}

/** Renames a pin. *Undo* gives it the name that it had. */
async function rename(chosen: ChosenPin, name: string, parts: ActionParts): Promise<void> {
  const { pin, list } = chosen;
  const done = await eachPin(safe`Renaming ${whatOf([chosen])}`, [chosen], (_, options) =>
    list.source.run?.('rename', { ...pin, name }, options),
  );
  void listAgain([list], parts.lists);
  const toWhat = name === '' ? ': the name was removed' : ` to “${safeText(name, 80)}”`;
  const undo = done.done.length === 1 && name !== (pin.name ?? '');
  const isUndone = await tellOutcome(`Renamed ${whatOf([chosen])}${toWhat}.`, done, parts.log, { canUndo: undo });
  if (isUndone) await rename({ list, pin: { ...pin, name }, detail: undefined }, pin.name ?? '', parts);
}

async function agreesToUnpin(pins: readonly ChosenPin[]): Promise<boolean> {
  const isOneSource = new Set(pins.map(({ list }) => list)).size === 1;
  const names = pins.slice(0, MOST_NAMED).map(({ pin, list }) => {
    const { name, cid } = pin;
    if (pins.length === 1) return safeText(cid); // the question has the name
    const what = name === undefined ? safeText(shortCid(cid)) : safe`${safeName(name, LONGEST_NAME)}  ${safeText(shortCid(cid))}`;
    return isOneSource ? what : safe`${what}  ${safeText(list.source.name)}`;
  });
  const more = pins.length > MOST_NAMED ? [safe`and ${withCommas(pins.length - MOST_NAMED)} more`] : [];
  const effects = [...new Set(pins.flatMap(({ list }) => list.source.capabilities.unpinEffect ?? []))].map((effect) =>
    safeText(effect, 500),
  );
  const unpin = 'Unpin';
  const detail = joined(
    [...names, ...more, '', ...effects, 'Content that is no longer pinned can be deleted by the next garbage collection.'],
    '\n',
  );
  const question = safe`Unpin ${whatOf(pins)} from ${sourcesOf(pins)}?`;
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, unpin)) === unpin;
}

/** The longest name in a question, in UTF-16 units: a line for each pin. */
const LONGEST_NAME = 40;

function askName(now = ''): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: 'IPFS Kit: Rename Pin',
    prompt: 'New name of the pin. Leave empty to remove the name.',
    value: now,
  });
}

/** Asks for a CID, unless a row with content was clicked, and for a name, and pins it. Resolves when the daemon has confirmed. */
export async function pinCid({ log, lists, history, chosenList, unpinned, select, focusing }: ActionParts): Promise<void> {
  refuseUntrusted("Content can't be pinned");
  const pinning = lists.shown().filter(({ source }) => source.run && source.capabilities.actions.includes('pin'));
  const able = pinning.filter(({ model }) => !model.state.error || IpfsKitError.is(model.state.error, 'cancelled'));
  const list = chosenList && able.includes(chosenList) ? chosenList : able.length > 1 ? await askWhere(able) : able[0];
  const run = list?.source.run;
  if (!list || !run) {
    const [failed] = pinning;
    if (able.length === 0) void tellNoneCanPin(failed);
    return;
  }
  const { source } = list;
  const title = safe`IPFS Kit: Pin CID in ${source.name}`;
  const text = unpinned?.cid ?? (await askForCid({ title, prompt: safe`CID or link to pin`, whyNot: whyNotPinned }));
  if (text === undefined) return;
  const { cid } = parsePasted(text);
  const name = await vscode.window.showInputBox({
    title,
    prompt: 'Name (optional)',
    placeHolder: 'If left empty, a pin keeps the name that it has',
    value: unpinned?.name !== undefined && unpinned.name !== cid && !(await isListed(cid, list)) ? unpinned.name : '',
  });
  if (name === undefined) return;
  const { isHere, end } = focusing();
  const release = list.model.hold();
  let answer: string | undefined;
  try {
    answer = await withLateProgress(safe`Pinning ${shortCid(cid)} in ${source.name}`, async (report, signal) => {
      const onProgress = (seen: PinProgress): void => report(progressText(seen));
      onProgress({});
      const pinned = await run('pin', { cid, name: name === '' ? undefined : name }, { signal, onProgress });
      history.restored(list, [cid]);
      return pinned;
    });
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) return; // by the user, who needs no message
    throw error;
  } finally {
    release();
    void listAgain([list], lists)
      .then(() => select({ cid }, list, isHere))
      .finally(end);
  }
  // A cluster says how many peers have pinned the content, so the message must not claim more.
  const outcome = `${name === '' ? shortCid(cid) : `“${safeText(name, 80)}”`} in ${source.name}`;
  const message = answer === undefined ? `Pinned ${outcome}.` : `${outcome}: ${safeText(answer, 500)}`;
  log.info(message);
  void vscode.window.showInformationMessage(safeText(message, 600));
}

/** Says why nothing can be pinned. `failed`: a source that could pin but isn't available. */
async function tellNoneCanPin(failed: SourceList | undefined): Promise<void> {
  const why =
    failed?.model.state.error?.message ?? 'No source that can pin was found. Start Kubo or IPFS Cluster, then list the pins.';
  const start = IpfsKitError.is(failed?.model.state.error, 'refused') ? failed.source.capabilities.start : undefined;
  const buttons = failed && start ? [safe`Start ${safeText(failed.source.capabilities.partOf?.name ?? failed.source.name)}`] : [];
  const choice = vscode.window.showInformationMessage(safeText(abbreviateHome(why), 500), ...buttons);
  if ((await choice) !== undefined && start) await vscode.commands.executeCommand(COMMAND[start]);
}

/** Whether a list has a pin of this CID, whose name a proposed one would replace. */
async function isListed(cid: string, { model }: SourceList): Promise<boolean> {
  return (await model.placeOf({ cid }, AbortSignal.timeout(LOOKS_MS)).catch(() => undefined)) !== undefined;
}

/** How long a CID is looked for in a list (ms). */
const LOOKS_MS = 1000;

async function askWhere(lists: readonly SourceList[]): Promise<SourceList | undefined> {
  const items = lists.map((list) => ({ label: safeText(list.source.name), list }));
  return (await vscode.window.showQuickPick(items, { title: 'IPFS Kit: Pin CID', placeHolder: 'Select a source' }))?.list;
}

function whyNotPinned({ path }: PastedPath): SafeText | undefined {
  return path.length > 0
    ? safe`Only a CID can be pinned. Get the CID of this path with “ipfs resolve -r /ipfs/…”, and paste it.`
    : undefined;
}
