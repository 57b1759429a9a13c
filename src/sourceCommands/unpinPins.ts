import { IpfsKitError } from '../base/ipfsKitError';
import { safe } from '../base/safeText';
import { withCommas } from '../base/withCommas';
import type { ChosenPin } from '../pinTree/chosenRows';
import type { PinAgain } from '../pinSource/pinSource';
import { countedOf, countOf, eachPin, listAgain, listsOf, nameOf, skippedText, sourcesOf, tellOutcome, whatOf } from './eachPin';
import type { ActionParts } from './actionParts';
import { refuseUntrusted } from './workspaceTrust';

/** A pin that was unpinned. `again` is left out where what unpinning loses couldn't be read. */
interface Unpinned {
  readonly pin: ChosenPin;
  readonly again: PinAgain | undefined;
}

/**
 * Unpins, and offers to undo it: what unpinning loses is read just before. Pins that can't be restored are unpinned nevertheless. Afterwards the row next to
 * the unpinned ones is selected.
 */
export async function unpinPins(pins: readonly ChosenPin[], parts: ActionParts): Promise<void> {
  const { isHere, end } = parts.focusing();
  const unpinned: Unpinned[] = [];
  const outcome = await eachPin(safe`Unpinning ${whatOf(pins)}`, pins, async (pin, { signal }) => {
    const { source } = pin.list;
    const again = await source.keep?.(pin.pin, signal).catch((error: unknown) => {
      if (IpfsKitError.is(error, 'cancelled')) throw error;
      parts.log.warn(`Undo of unpinning isn't possible: ${IpfsKitError.from(error).message}`);
      return undefined;
    });
    const answer = await source.run?.('unpin', pin.pin, { signal });
    removedHere([pin], parts);
    unpinned.push({ pin, again });
    return answer;
  });
  const { done, gone } = outcome;
  removedHere(gone, parts); // the outcome says so
  if (done.length + gone.length > 0) await parts.selectBeside(isHere);
  end();
  void listAgain(listsOf(pins), parts.lists);
  const what = done.length === 0 ? 'Unpinned nothing.' : `Unpinned ${countedOf(outcome, pins)} from ${sourcesOf(pins)}.`;
  const canUndo = unpinned.some(({ again }) => again);
  const isUndone = await tellOutcome(`${what}${skippedText(parts.chosen.length - pins.length, 'unpinned')}`, outcome, parts.log, {
    canUndo,
  });
  if (isUndone) await undoUnpin(unpinned, parts);
}

/** Pins everything again as it was pinned, one after the other, and says what couldn't be restored. The first restored row is selected. */
async function undoUnpin(unpinned: readonly Unpinned[], { log, lists, history, select, focusing }: ActionParts): Promise<void> {
  refuseUntrusted("Pins can't be changed");
  const { isHere, end } = focusing();
  const pins = unpinned.map(({ pin }) => pin);
  const outcome = await eachPin(safe`Pinning ${whatOf(pins)} again`, pins, async (chosen, options) => {
    const again = unpinned.find(({ pin }) => pin === chosen)?.again;
    if (!again)
      throw new IpfsKitError('missing', "its name and options couldn't be read before it was unpinned. Pin it by its CID.");
    const answer = await again(options);
    history.restored(chosen.list, [chosen.pin.cid]);
    return answer === undefined || pins.length === 1 ? answer : `${nameOf(chosen.pin)}: ${answer}`;
  });
  await listAgain(listsOf(pins), lists);
  const [first] = outcome.done;
  if (first) await select(first.pin, first.list, isHere);
  end();
  const all = outcome.done.length === pins.length;
  // What is known of its content is said of a single pin; of several it is in the log.
  const [answer] = pins.length === 1 ? outcome.answers : [];
  const what = all ? `Pinned ${whatOf(pins)} again.` : `Pinned ${withCommas(outcome.done.length)} of ${countOf(pins)} again.`;
  await tellOutcome(
    answer === undefined ? what : `${what} ${answer}`,
    pins.length === 1 ? { ...outcome, answers: [] } : outcome,
    log,
  );
}

/** Says what isn't lost. A cluster also unpins from the Kubo of its peers. */
function removedHere(pins: readonly ChosenPin[], { lists, history }: ActionParts): void {
  for (const { pin, list } of pins) {
    const from = list.source.capabilities.unpinEffect === undefined ? [list] : lists.expected();
    for (const each of from) history.removed(each, [pin.cid]);
  }
}
