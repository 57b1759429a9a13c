import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import { abbreviateHome } from '../base/homePath';
import { IpfsKitError } from '../base/ipfsKitError';
import type { PastedPath } from '../pin/pastedPath';
import { parsePasted } from '../pin/pastedPath';
import type { Pin } from '../pin/pin';
import { pinLabel } from '../pinTree/text/pinText';
import { shortCid } from '../pin/cid';
import type { PinLists } from '../pinTree/list/pinLists';
import type { SourceList } from '../pinTree/list/sourceList';
import type { ChosenPin } from '../pinTree/chosenRows';
import type { SafeText } from '../base/safeText';
import { joined, safe, safeText } from '../base/safeText';
import { sizeText } from '../base/sizeAndAge';
import { withCommas } from '../base/withCommas';
import type { PinAction, PinProgress } from '../pinSource/pinSource';
import { askForCid } from '../vfs/editor/cidBox';
import { refuseUntrusted } from './workspaceTrust';
import type { Log } from '../base/log';

export interface ActionParts {
  readonly log: Log;
  readonly lists: PinLists;
  /** The list that a command acts on; undefined where it could be one of several. */
  readonly chosenList: SourceList | undefined;
  /** The clicked or selected pins. */
  readonly chosen: readonly ChosenPin[];
}

type RowAction = Exclude<PinAction, 'pin'>;

/** The forms of each verb for titles, results and sentences. */
const WORDS: Readonly<Record<RowAction, readonly [doing: string, done: string, verb: string]>> = {
  unpin: ['Unpinning', 'Unpinned', 'unpin'],
  rename: ['Renaming', 'Renamed', 'rename'],
  verify: ['Verifying', 'Verified', 'verify'],
  recover: ['Recovering', 'Requested recovery of', 'recover'],
};

/** The most pins that a question names; the others are counted. */
const MOST_NAMED = 10;

/** Does the action to each chosen pin, one after the other, and reports what failed and why. The lists are read again afterwards. */
export async function actOnPins(action: RowAction, parts: ActionParts): Promise<void> {
  if (action !== 'verify') refuseUntrusted("Pins can't be changed"); // verifying changes nothing
  const pins = parts.chosen.filter(({ list }) => list.source.run && list.source.capabilities.actions.includes(action));
  const [, , verb] = WORDS[action];
  if (pins.length === 0) {
    const names = [...new Set(parts.chosen.map(({ list }) => list.source.name))].join(' and ');
    const why = names === '' ? 'Select a pin in the Pins view first.' : safe`${safeText(names)} can't ${verb} pins.`;
    return void vscode.window.showInformationMessage(why);
  }
  let name: string | undefined;
  if (action === 'unpin' && !(await agreesToUnpin(pins))) return;
  if (action === 'rename') {
    const [only, ...more] = pins;
    if (!only || more.length > 0) return void vscode.window.showInformationMessage('Pins are renamed one at a time.');
    name = await askName(only.pin.name);
    if (name === undefined) return;
  }
  await act(action, pins, name, parts);
}

async function act(
  action: RowAction,
  pins: readonly ChosenPin[],
  name: string | undefined,
  { log, lists, chosen }: ActionParts,
): Promise<void> {
  const [doing, done, verb] = WORDS[action];
  const failures: string[] = [];
  const answers: string[] = [];
  const changed = new Set<SourceList>();
  let finished = 0;
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: safe`${doing} ${whatOf(pins)}`, cancellable: true },
    async (progress, token) => {
      const { signal } = canceledBy(token);
      for (const { pin, list } of pins) {
        if (signal.aborted) break;
        progress.report({
          message: pins.length > 1 ? safe`${finished + 1} of ${withCommas(pins.length)}` : '',
          increment: 100 / pins.length,
        });
        changed.add(list); // the daemon may have completed an action that failed or was canceled
        try {
          const answer = await list.source.run?.(action, { ...pin, name: name ?? pin.name }, { signal });
          if (answer !== undefined) answers.push(`${nameOf(pin)}: ${answer}`);
          finished++;
        } catch (error) {
          if (IpfsKitError.is(error, 'cancelled')) break;
          failures.push(`${nameOf(pin)}: ${IpfsKitError.from(error).message}`);
        }
      }
    },
  );
  for (const line of [...answers, ...failures.map((failure) => `failed: ${failure}`)]) log.info(`${done}: ${line}`);
  if (action !== 'verify') listAgain(changed, lists);
  const toWhat = name === undefined ? '' : name === '' ? ': the name was removed' : ` to “${safeText(name, 80)}”`;
  const isWhole = action === 'verify' && pins.length > 1 && failures.length === 0 && finished === pins.length;
  const others = chosen.length - pins.length;
  const what = [
    `${done} ${finished === pins.length ? whatOf(pins) : `${finished} of ${countOf(pins)}`}${toWhat}${isWhole ? ': all of them are complete' : ''}.`,
    ...(others > 0
      ? [`${withCommas(others)} more ${others === 1 ? 'was' : 'were'} skipped: not every source can ${verb} pins.`]
      : []),
  ].join(' ');
  void tellOutcome(what, answers, failures, log, pins.length === 1);
}

/** Lists the changed sources again; all sources where unpinning reaches others, as a cluster unpins from the Kubo of its peers. */
function listAgain(changed: ReadonlySet<SourceList>, lists: PinLists): void {
  const isSpreading = [...changed].some(({ source }) => source.capabilities.unpinEffect !== undefined);
  if (isSpreading) void lists.list();
  else for (const { model } of changed) void model.list();
}

async function tellOutcome(
  what: string,
  answers: readonly string[],
  failures: readonly string[],
  log: Log,
  isOne: boolean,
): Promise<void> {
  const showLog = 'Show Log';
  const [first] = failures;
  const [answer] = answers;
  const choice =
    first === undefined
      ? vscode.window.showInformationMessage(
          safeText(answer !== undefined && isOne ? answer : what, 500),
          ...(answers.length > 0 && !isOne ? ([showLog] as const) : []),
        )
      : vscode.window.showWarningMessage(
          safeText(isOne ? first : `${what} ${failures.length} failed: ${first}${failures.length > 1 ? ' …' : ''}`, 600),
          showLog,
        );
  if ((await choice) === showLog) log.show();
}

async function agreesToUnpin(pins: readonly ChosenPin[]): Promise<boolean> {
  const names = pins
    .slice(0, MOST_NAMED)
    .map(
      ({ pin, list }) =>
        safe`${pin.name === undefined ? '' : safe`${pinLabel(pin)}, `}${safeText(pin.cid)} in ${list.source.name}`,
    );
  const more = pins.length > MOST_NAMED ? [safe`and ${withCommas(pins.length - MOST_NAMED)} more`] : [];
  const effects = [...new Set(pins.flatMap(({ list }) => list.source.capabilities.unpinEffect ?? []))].map((effect) =>
    safeText(effect, 500),
  );
  const unpin = 'Unpin';
  const detail = joined(
    [...names, ...more, '', ...effects, 'Unpinned content is removed when the daemon collects garbage.'],
    '\n',
  );
  const question = safe`Unpin ${countOf(pins)}?`;
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, unpin)) === unpin;
}

function askName(now = ''): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: 'IPFS Kit: Rename Pin',
    prompt: 'New name of the pin. Leave empty to remove the name.',
    value: now,
  });
}

/** Asks for a CID and a name, and pins it. Resolves when the daemon has confirmed. */
export async function pinCid({ log, lists, chosenList }: ActionParts): Promise<void> {
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
  const text = await askForCid({ title, prompt: safe`CID or link to pin`, whyNot: whyNotPinned });
  if (text === undefined) return;
  const { cid } = parsePasted(text);
  const name = await vscode.window.showInputBox({
    title,
    prompt: 'Name of the pin (optional). If left empty, an existing name is kept.',
  });
  if (name === undefined) return;
  let answer: string | undefined;
  try {
    answer = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: safe`Pinning ${shortCid(cid)} in ${source.name}`,
        cancellable: true,
      },
      (progress, token) => {
        const onProgress = (seen: PinProgress): void => progress.report({ message: progressText(seen) });
        onProgress({});
        return run('pin', { cid, name: name === '' ? undefined : name }, { signal: canceledBy(token).signal, onProgress });
      },
    );
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) return; // by the user, who needs no message
    throw error;
  } finally {
    listAgain(new Set([list]), lists);
  }
  // A cluster says how many peers have pinned the content, so the message must not claim more.
  const outcome = `${name === '' ? shortCid(cid) : safeText(name, 80)} in ${source.name}`;
  const message = answer === undefined ? `Pinned ${outcome}.` : `${outcome}: ${safeText(answer, 500)}`;
  log.info(message);
  void vscode.window.showInformationMessage(safeText(message, 600));
}

/** Says why nothing can be pinned. `failed`: a source that could pin but isn't available. */
async function tellNoneCanPin(failed: SourceList | undefined): Promise<void> {
  const why =
    failed?.model.state.error?.message ?? 'No source that can pin was found. Start Kubo or IPFS Cluster, then list the pins.';
  const start = IpfsKitError.is(failed?.model.state.error, 'refused') ? failed.source.capabilities.start : undefined;
  const buttons = failed && start ? [safe`Start ${safeText(failed.source.name)}`] : [];
  const choice = vscode.window.showInformationMessage(safeText(abbreviateHome(why), 500), ...buttons);
  if ((await choice) !== undefined && start) await vscode.commands.executeCommand(COMMAND[start]);
}

async function askWhere(lists: readonly SourceList[]): Promise<SourceList | undefined> {
  const items = lists.map((list) => ({ label: safeText(list.source.name), list }));
  return (await vscode.window.showQuickPick(items, { title: 'IPFS Kit: Pin CID', placeHolder: 'Select a source' }))?.list;
}

function whyNotPinned({ path }: PastedPath): SafeText | undefined {
  return path.length > 0
    ? safe`Only a CID can be pinned. Get the CID of this path with “ipfs resolve -r /ipfs/…”, and paste it.`
    : undefined;
}

function progressText({ blocks, bytes }: PinProgress): SafeText {
  if (blocks === undefined && bytes === undefined) return safe`looking for the content…`;
  return joined(
    [
      blocks === undefined ? undefined : safe`${withCommas(blocks)} blocks`,
      bytes === undefined ? undefined : safeText(sizeText(bytes)),
    ],
    ', ',
  );
}

function nameOf({ name, cid }: Pin): SafeText {
  return safeText(name ?? shortCid(cid));
}

/** The name of a single pin, or the number of several. */
function whatOf(pins: readonly ChosenPin[]): SafeText {
  const [only, ...more] = pins;
  if (!only || more.length > 0) return countOf(pins);
  return only.pin.name === undefined ? nameOf(only.pin) : safe`“${nameOf(only.pin)}”`;
}

function countOf(pins: readonly ChosenPin[]): SafeText {
  return pins.length === 1 ? safe`one pin` : safe`${withCommas(pins.length)} pins`;
}

function canceledBy(token: vscode.CancellationToken): AbortController {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  return controller;
}
