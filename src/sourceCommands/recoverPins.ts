import { IpfsKitError } from '../base/ipfsKitError';
import { safe } from '../base/safeText';
import { withCommas } from '../base/withCommas';
import type { ChosenPin } from '../pinTree/chosenRows';
import type { Recovered } from '../pinSource/pinSource';
import { eachPin, listAgain, listsOf, nameOf, skippedText, tellOutcome, whatOf } from './eachPin';
import type { ActionParts } from './actionParts';

/** How many pins are recovered at the same time: each waits for the peers of its cluster. */
const AT_ONCE = 8;

/** Makes the peers that failed try again, waits for what comes of it, and reports that. */
export async function recoverPins(
  pins: readonly ChosenPin[],
  { log, lists, chosen, besideMoved, focusing }: ActionParts,
): Promise<void> {
  const { isHere, end } = focusing();
  const results: [ChosenPin, Recovered][] = [];
  const outcome = await eachPin(
    safe`Recovering ${whatOf(pins)}`,
    pins,
    async (pin, { signal }) => {
      const recovered = await pin.list.source.recover?.(pin.pin.cid, signal);
      if (!recovered) throw new IpfsKitError('unsupported', `${pin.list.source.name} can't recover a pin.`);
      results.push([pin, recovered]);
      return undefined;
    },
    AT_ONCE,
  );
  void listedAgain(pins, lists, besideMoved, isHere).finally(end);
  const count = (state: Recovered['state']): number => results.filter(([, recovered]) => recovered.state === state).length;
  const unknown = pins.length - results.length - outcome.gone.length - outcome.failures.length;
  const counts = [
    [count('pinned'), 'pinned'],
    [count('pinning'), 'still pinning'],
    [unknown, 'not waited for'],
  ] as const;
  const text = counts.flatMap(([number, word]) => (number === 0 ? [] : `${withCommas(number)} ${word}`)).join(', ');
  const again = results.flatMap(([{ pin }, { state, detail }]) => (state === 'failed' ? `${nameOf(pin)}: ${detail}` : []));
  await tellOutcome(
    `${text === '' ? '' : `Recovered ${whatOf(pins)}: ${text}.`}${skippedText(chosen.length - pins.length, 'recovered')}`,
    { ...outcome, failures: [...again, ...outcome.failures] },
    log,
    { failed: 'failed again' },
  );
}

/** Lists the sources again. Rows of recovered pins move where they are grouped or filtered by status: then the one beside them is selected. */
async function listedAgain(
  pins: readonly ChosenPin[],
  lists: ActionParts['lists'],
  besideMoved: ActionParts['besideMoved'],
  isHere: () => boolean,
): Promise<void> {
  const selectBesideMoved = await besideMoved();
  await listAgain(listsOf(pins), lists);
  await selectBesideMoved(isHere);
}
