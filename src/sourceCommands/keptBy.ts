import type { SafeText } from '../base/safeText';
import { joined, safe, safeName, safeText } from '../base/safeText';
import { isSameCid } from '../pin/cid';
import type { Pin } from '../pin/pin';
import type { ChosenEntry } from '../pinTree/chosenRows';
import type { SourceList } from '../pinTree/list/sourceList';
import { stateOf } from '../pinTree/text/pinState';
import { shareDaemon } from '../pinSource/pinSource';
import type { ActionParts } from './actionParts';

/** How long the lists are searched (ms). */
const LOOKS_MS = 1500;
/** The most pins of one content in one list, and the longest name of one in UTF-16 units. */
const MOST_ALIKE = 20;
const LONGEST_NAME = 40;

export interface Keepers {
  /** `a pin in Kubo and “copy.txt” in Files`. */
  readonly text: SafeText;
  /** Whether one of them keeps it where the entry is: garbage collection leaves it alone. */
  readonly isHere: boolean;
}

/**
 * What keeps the content of an entry once the chosen ones are removed, as far as the lists show; undefined where nothing is known to. A pin that has failed or
 * waits keeps nothing, and a direct one no more than a block. Never rejects: a list that can't be searched says nothing.
 */
export async function keptBy(
  { pin: { cid }, list: { source: own } }: ChosenEntry,
  chosen: readonly ChosenEntry[],
  { lists, worker }: Pick<ActionParts, 'lists' | 'worker'>,
): Promise<Keepers | undefined> {
  const signal = AbortSignal.timeout(LOOKS_MS);
  const inList = async ({ model }: SourceList): Promise<readonly Pin[]> => {
    const table = model.state.listing?.opened.table;
    if (table === undefined) return [];
    const query = { filter: cid, limit: MOST_ALIKE };
    const pins = await worker.request('page', { table, query }, { signal }).catch(() => []);
    return pins.filter((pin) => isSameCid(pin.cid, cid));
  };
  const keeperIn = async (list: SourceList): Promise<SafeText | undefined> => {
    const { name, entries, capabilities } = list.source;
    const pins = await inList(list);
    if (entries) {
      const isChosen = (other: Pin): boolean => chosen.some(({ path }) => path.length === 1 && path[0] === other.name);
      const other = pins.find((each) => !isChosen(each));
      return other && safe`“${safeName(other.name ?? '', LONGEST_NAME)}” in ${safeText(name)}`;
    }
    const keeping = pins.find(
      (pin) => pin.type !== 'direct' && stateOf(pin) === undefined && (pin.status ?? 'pinned') === 'pinned',
    );
    const doubt = keeping?.status === undefined && capabilities.statuses !== 'none' ? safe`, whose status isn't known` : safe``;
    return keeping && safe`a pin in ${safeText(name)}${doubt}`;
  };
  const found = await Promise.all(lists.shown().map(async (list) => ({ list, keeper: await keeperIn(list) })));
  const known = found.filter(({ keeper }) => keeper !== undefined);
  if (known.length === 0) return undefined;
  const text = joined(
    known.map(({ keeper }) => keeper),
    ' and ',
  );
  return { text, isHere: known.some(({ list }) => shareDaemon(list.source, own)) };
}
