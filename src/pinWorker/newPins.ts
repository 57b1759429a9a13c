import { pinKey } from '../pin/pinKey';
import type { NewPinsQuery } from './protocol';
import type { OpenTable } from './tablesByNumber';
import { walkInTurn } from './tablesByNumber';

/** The keys of the pins that a later list of a source has and an earlier one doesn't, in the order of the list, at most `most`. Rejects as queries do. */
export async function newPins(
  table: OpenTable,
  before: OpenTable,
  { areEntries, most }: Pick<NewPinsQuery, 'areEntries' | 'most'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const known = new Set<string>();
  await eachKey(before, areEntries, signal, (key) => {
    known.add(key);
    return true;
  });
  const found = new Set<string>();
  await eachKey(table, areEntries, signal, (key) => {
    if (!known.has(key)) found.add(key);
    return found.size < most;
  });
  return [...found];
}

/** Calls `visit` with the key of each pin, until it returns false. */
async function eachKey(
  open: OpenTable,
  areEntries: boolean,
  signal: AbortSignal,
  visit: (key: string) => boolean,
): Promise<void> {
  const walk = walkInTurn(open, {});
  try {
    for (let pins = await walk.next(signal); pins.length > 0; pins = await walk.next(signal))
      if (!pins.every((pin) => visit(pinKey(pin, areEntries)))) return;
  } finally {
    walk.close();
  }
}
