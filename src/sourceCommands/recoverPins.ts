import { IpfsKitError } from '../base/ipfsKitError';
import { safe } from '../base/safeText';
import { withCommas } from '../base/withCommas';
import type { ChosenPin } from '../pinTree/chosenRows';
import type { Recovered } from '../pinSource/pinSource';
import { countedOf, eachPin, listAgain, listsOf, nameOf, skippedText, tellOutcome, whatOf } from './eachPin';
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
  const inState = (wanted: Recovered['state']): readonly ChosenPin[] =>
    results.flatMap(([pin, { state }]) => (state === wanted ? [pin] : []));
  const [pinned, pinning] = [inState('pinned'), inState('pinning')];
  const unknown = pins.length - results.length - outcome.gone.length - outcome.failures.length;
  const parts = [
    pinned.length > 0 ? `Recovered ${countedOf({ done: pinned }, pins)}.` : '',
    pinning.length > 0 ? `${whatOf(pinning)} ${pinning.length === 1 ? 'is' : 'are'} still being pinned.` : '',
    unknown > 0 ? `${withCommas(unknown)} ${unknown === 1 ? "wasn't" : "weren't"} waited for.` : '',
  ];
  const again = results.flatMap(([{ pin }, { state, detail }]) => {
    if (state !== 'failed') return [];
    return pins.length === 1 ? `${whatOf(pins)} failed again: ${detail}` : `${nameOf(pin)}: ${detail}`;
  });
  await tellOutcome(
    `${parts.filter((part) => part !== '').join(' ')}${skippedText(chosen.length - pins.length, 'recovered')}`,
    { ...outcome, done: [...pinned, ...pinning], failures: [...again, ...outcome.failures] },
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
