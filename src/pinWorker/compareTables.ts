import { differencesOf, namesDiffer, statusesDiffer } from '../inventory/differences';
import type { Pin } from '../pin/pin';
import type { CompareQuery, Compared } from './protocol';
import type { OpenTable } from './tablesByNumber';
import { inTurn, walkInTurn } from './tablesByNumber';

/** Compares the pins of two joined lists that have the same contents. Rejects as their queries do. */
export async function compareTables(
  left: OpenTable,
  right: OpenTable,
  { filter, withNames, most }: CompareQuery,
  signal: AbortSignal,
): Promise<Compared> {
  const countOf = (open: OpenTable): Promise<number> => inTurn(open, (table) => table.count({ filter }, signal), signal);
  const isSwapped = (await countOf(left)) > (await countOf(right));
  const [fewer, more] = isSwapped ? [right, left] : [left, right];
  const { both, differences } = await differencesOf(pinsOf(fewer, filter, signal), pinsOf(more, filter, signal), {
    withNames,
    isSwapped,
  });
  const names = differences.filter((each) => namesDiffer(each, withNames));
  const statuses = differences.filter(statusesDiffer);
  return {
    ...{ both, nameCount: names.length, statusCount: statuses.length },
    ...{ names: names.slice(0, most), statuses: statuses.slice(0, most) },
  };
}

async function* pinsOf(open: OpenTable, filter: string, signal: AbortSignal): AsyncGenerator<readonly Pin[]> {
  const walk = walkInTurn(open, { filter });
  try {
    for (let pins = await walk.next(signal); pins.length > 0; pins = await walk.next(signal)) yield pins;
  } finally {
    walk.close();
  }
}
