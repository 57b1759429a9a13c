import * as vscode from 'vscode';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Log } from '../base/log';
import type { SafeText } from '../base/safeText';
import { joined, safe, safeName, safeText } from '../base/safeText';
import { sizeText } from '../base/sizeAndAge';
import { counted } from '../base/counted';
import { createSemaphore } from '../base/semaphore';
import { withCommas } from '../base/withCommas';
import { shortCid } from '../pin/cid';
import type { Pin } from '../pin/pin';
import type { ChosenPin } from '../pinTree/chosenRows';
import type { PinLists } from '../pinTree/list/pinLists';
import type { SourceList } from '../pinTree/list/sourceList';
import { commonNoun } from '../pinTree/text/pinCount';
import type { PinProgress } from '../pinSource/pinSource';
import { withLateProgress } from '../vfs/editor/lateProgress';

/** What came of an action on several pins. */
interface Outcome<Chosen extends ChosenPin = ChosenPin> {
  /** The pins that the action was done to. */
  readonly done: readonly Chosen[];
  /** Whether the user canceled before all pins had their turn. */
  readonly isCanceled: boolean;
  /** Sentences of the sources about the pins that the action was done to. */
  readonly answers: readonly string[];
  /** The pins that the daemon doesn't have any more: another program has unpinned them. */
  readonly gone: readonly ChosenPin[];
  /** `NAME: why`, a text for each pin that the action failed for. */
  readonly failures: readonly string[];
}

type Work<Chosen> = (
  pin: Chosen,
  options: { readonly signal: AbortSignal; readonly onProgress: (seen: PinProgress) => void },
) => Promise<string | undefined> | undefined;

/** Does `work` to each pin, `atOnce` at the same time, with progress that can be canceled. Never rejects. */
export function eachPin<Chosen extends ChosenPin>(
  title: SafeText,
  pins: readonly Chosen[],
  work: Work<Chosen>,
  atOnce = 1,
): Promise<Outcome<Chosen>> {
  const [done, gone, answers, failures]: [Chosen[], ChosenPin[], string[], string[]] = [[], [], [], []];
  const semaphore = createSemaphore(() => atOnce);
  return withLateProgress(title, async (reportAll, signal) => {
    let isCanceled = false;
    let finished = 0;
    // How much of a single pin is done isn't known.
    const report = (seen?: SafeText, increment = pins.length > 1 ? 0 : undefined): void => {
      const count = pins.length > 1 ? safe`${withCommas(finished)} of ${withCommas(pins.length)}` : undefined;
      reportAll(joined([count, seen], ', '), increment);
    };
    const each = async (pin: Chosen): Promise<void> => {
      try {
        const onProgress = (seen: PinProgress): void => report(progressText(seen));
        const answer = await semaphore.run(async () => work(pin, { signal, onProgress }), signal);
        if (answer !== undefined) answers.push(answer);
        done.push(pin);
      } catch (error) {
        if (IpfsKitError.is(error, 'cancelled')) isCanceled = true;
        else if (IpfsKitError.is(error, 'not-pinned')) gone.push(pin);
        else failures.push(`${nameOf(pin.pin)}: ${IpfsKitError.from(error).message}`);
      }
      finished++;
      report(undefined, 100 / pins.length);
    };
    report();
    const released = [...new Set(listsOf(pins))].map(({ model }) => model.hold());
    await Promise.all(pins.map(each));
    for (const release of released) release();
    return { done, isCanceled, answers, gone, failures };
  });
}

/** Lists sources again; all of them where unpinning reaches others, as a cluster unpins from the Kubo of its peers. */
export async function listAgain(changed: readonly SourceList[], lists: PinLists): Promise<void> {
  const isSpreading = changed.some(({ source }) => source.capabilities.unpinEffect !== undefined);
  if (isSpreading) await lists.list();
  else await Promise.all([...new Set(changed)].map(({ model }) => model.list()));
}

interface Telling {
  /** Shows *Undo*. */
  readonly canUndo?: boolean;
  /** The word for the number of failures. */
  readonly failed?: string;
}

/** Logs and shows what came of an action: `what`, which may be empty, the pins that are gone, and the first failure. True where the user presses *Undo*. */
export async function tellOutcome(
  what: string,
  { done, isCanceled, answers, gone, failures }: Outcome,
  log: Log,
  { canUndo = false, failed = 'failed' }: Telling = {},
): Promise<boolean> {
  const goneWhy =
    gone.length === 0 ? '' : `${whatOf(gone)} ${gone.length === 1 ? "isn't" : "aren't"} pinned in ${sourcesOf(gone)} any more.`;
  for (const line of [what, ...answers, goneWhy, ...failures.map((failure) => `failed: ${failure}`)])
    if (line !== '') log.info(line);
  const [first, ...others] = failures;
  if (isCanceled && done.length + gone.length === 0 && first === undefined) return false; // by the user, who needs no message
  const [undo, showLog] = ['Undo', 'Show Log'] as const;
  const buttons = [...(canUndo ? [undo] : []), ...(first !== undefined || answers.length > 1 ? [showLog] : [])];
  const isOnly = done.length === 0 && gone.length + failures.length === 1; // then it says all
  const why = first === undefined || isOnly ? first : `${failures.length} ${failed}: ${first}${others.length > 0 ? ' …' : ''}`;
  const said = [isOnly ? '' : what, goneWhy, why ?? ''].filter((part) => part !== '').join(' ');
  const choice = await (first === undefined
    ? vscode.window.showInformationMessage(safeText(said, 600), ...buttons)
    : vscode.window.showWarningMessage(safeText(said, 800), ...buttons));
  if (choice === showLog) log.show();
  return choice === undo;
}

/** The lists that pins are in, one for each pin. */
export function listsOf(pins: readonly ChosenPin[]): readonly SourceList[] {
  return pins.map(({ list }) => list);
}

/** The name of a single pin, or the number of several. */
export function whatOf(pins: readonly ChosenPin[]): SafeText {
  const [only, ...more] = pins;
  if (!only || more.length > 0) return countOf(pins);
  return only.pin.name === undefined ? nameOf(only.pin) : safe`“${nameOf(only.pin)}”`;
}

export function countOf(pins: readonly ChosenPin[]): SafeText {
  const noun = commonNoun(pins.map(({ list }) => list.model.state)) ?? 'pin';
  return pins.length === 1 ? safe`one ${noun}` : counted(pins.length, noun);
}

/** The pins that an action was done to: `“photo”`, `5 pins`, or `3 of 5 pins`. */
export function countedOf({ done }: Pick<Outcome, 'done'>, pins: readonly ChosenPin[]): SafeText {
  return done.length === pins.length ? whatOf(pins) : safe`${withCommas(done.length)} of ${countOf(pins)}`;
}

/** The names of the sources: `Kubo and IPFS Cluster`. */
export function sourcesOf(pins: readonly ChosenPin[]): SafeText {
  return joined(
    [...new Set(pins.map(({ list }) => list.source.name))].map((name) => safeText(name)),
    ' and ',
  );
}

/** A sentence about chosen pins that the action doesn't apply to, after a space; empty where there are none. `done`: `unpinned`. */
export function skippedText(skipped: number, done: string): string {
  if (skipped <= 0) return '';
  return ` ${withCommas(skipped)} more can't be ${done}, and ${skipped === 1 ? 'was' : 'were'} skipped.`;
}

export function progressText({ content, blocks, bytes }: PinProgress): SafeText {
  if (content === 'stored') return safe`its content is still stored…`;
  if (content === 'deleted') return safe`its content was deleted, looking for it…`;
  if (blocks === undefined && bytes === undefined) return safe`looking for the content…`;
  return joined(
    [
      blocks === undefined ? undefined : safe`${withCommas(blocks)} blocks`,
      bytes === undefined ? undefined : safeText(sizeText(bytes)),
    ],
    ', ',
  );
}

export function nameOf({ name, cid }: Pin): SafeText {
  return safeName(name ?? shortCid(cid));
}
