import { IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import type { PinQuery, PinTotal } from '../pin/pinQuery';
import { isOfSize } from '../pin/pinQuery';
import type { Listing } from './listing';
import type { AskSizesOptions, Capabilities, PinSource } from './pinSource';

/**
 * Asks for the sizes of the pins of a query that is sorted by size, where the list doesn't have them; `onAsked` receives the number of pins so far. Gives
 * sentences for people about sizes and dates that stay unknown: pins without one come last. Rejects with `cancelled`, and where the list can't be read.
 */
export async function sizesForOrder(
  query: PinQuery,
  { name, capabilities, askSizes }: Pick<PinSource, 'name' | 'capabilities' | 'askSizes'>,
  { opened: { table, sizes } }: Listing,
  { worker, signal, onAsked }: Pick<AskSizesOptions, 'worker' | 'signal' | 'onAsked'>,
): Promise<readonly string[]> {
  if (!isOfSize(query.sort)) return isUndated(query.sort, capabilities) ? [undatedNote(name)] : [];
  const { filter, fuzzy } = query;
  let [asked, failure] = [0, undefined as IpfsKitError | undefined];
  if (sizes === 'asked' && askSizes)
    await askSizes({ worker, signal, table, of: { filter, fuzzy }, onAsked: (pins) => onAsked?.((asked += pins)) }).catch(
      (error: unknown) => {
        if (signal?.aborted || IpfsKitError.is(error, 'cancelled')) throw error;
        failure = IpfsKitError.from(error);
      },
    );
  const total = await worker.request('total', { table, of: query }, { signal });
  const why = failure === undefined ? [] : [failure.message];
  return total.sized === total.count ? why : [...why, unsortedNote(total, name)];
}

/** Why not all pins are sorted by size. `name`: that of the source, which would know the sizes. */
export function unsortedNote({ count, sized }: PinTotal, name: string): string {
  return sized > 0
    ? `Sizes of ${withCommas(sized)} of ${withCommas(count)} pins are known; the others come last.`
    : `Not sorted by size: ${name} doesn't report the sizes of these pins.`;
}

/** Whether pins are to be sorted by their date, which this source doesn't know. */
export function isUndated(sort: string | undefined, { lacks = [] }: Pick<Capabilities, 'lacks'>): boolean {
  return (sort === 'time' || sort === '-time') && lacks.includes('date');
}

export function undatedNote(name: string): string {
  return `Not sorted by date: ${name} doesn't report when content was pinned.`;
}
