import { IpfsKitError } from '../base/ipfsKitError';
import { safe } from '../base/safeText';
import { withCommas } from '../base/withCommas';
import type { ChosenPin } from '../pinTree/chosenRows';
import type { Recovered } from '../pinSource/pinSource';
import { eachPin, listAgain, nameOf, skippedText, tellOutcome, whatOf } from './eachPin';
import type { ActionParts } from './actionParts';

/** How many pins are recovered at the same time: each waits for the peers of its cluster. */
const AT_ONCE = 8;

/** Makes the peers that failed try again, waits for what comes of it, and reports that. */
export async function recoverPins(pins: readonly ChosenPin[], { log, lists, chosen }: ActionParts): Promise<void> {
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
  void listAgain(
    pins.map(({ list }) => list),
    lists,
  );
  const count = (state: Recovered['state']): number => results.filter(([, recovered]) => recovered.state === state).length;
  const unknown = pins.length - results.length - outcome.failures.length;
  const counts = [
    [count('pinned'), 'pinned'],
    [count('pinning'), 'still pinning'],
    [unknown, 'not waited for'],
  ] as const;
  const text = counts.flatMap(([number, word]) => (number === 0 ? [] : `${withCommas(number)} ${word}`)).join(', ');
  const again = results.flatMap(([{ pin }, { state, detail }]) => (state === 'failed' ? `${nameOf(pin)}: ${detail}` : []));
  await tellOutcome(
    `${text === '' ? '' : `Recovered ${whatOf(pins)}: ${text}.`}${skippedText(chosen.length - pins.length, 'recover')}`,
    { ...outcome, failures: [...again, ...outcome.failures] },
    log,
    { failed: 'failed again' },
  );
}
