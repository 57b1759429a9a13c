import type { Pin } from '../pin/pin';
import { foldAscii } from '../pin/pinQuery';
import { KEY_BYTES, writeContentKey } from './contentKey';

/** What the rows of a content say in one source. */
export interface ComparedRow {
  readonly cid: string;
  readonly name?: string | undefined;
  readonly status?: string | undefined;
}

/** A content of two sources that is named differently in them, or has another status where both report one. */
export interface Difference {
  readonly cid: string | undefined;
  readonly left: ComparedRow | undefined;
  readonly right: ComparedRow | undefined;
}

export interface Differences {
  /** The number of contents that both list. */
  readonly both: number;
  readonly differences: readonly Difference[];
}

/**
 * A content of both sources: the rows of the side that has fewer, by name and status, and a row of the other side that is equal to none of them. Each side may
 * list a content any number of times, so its rows are never compared one by one.
 */
interface Shared {
  readonly byName: Map<string | undefined, Named>;
  other?: ComparedRow;
}

interface Named {
  readonly byStatus: Map<string | undefined, Known>;
  isAllMatched: boolean;
}

interface Known {
  readonly row: ComparedRow;
  isMatched: boolean;
}

/**
 * Compares the pins of two sources that have the same contents. Those of `fewer` are held in memory, some hundred bytes each. `withNames`: whether both sources tell
 * all names. `isSwapped`: `fewer` is the right side.
 */
export async function differencesOf(
  fewer: AsyncIterable<readonly Pin[]>,
  more: AsyncIterable<readonly Pin[]>,
  { withNames, isSwapped }: { readonly withNames: boolean; readonly isSwapped: boolean },
): Promise<Differences> {
  const shared = new Map<string, Shared>();
  for await (const pins of fewer)
    for (const pin of pins) {
      const key = contentOf(pin.cid);
      const known = shared.get(key) ?? { byName: new Map() };
      addRow(known, pin, withNames);
      shared.set(key, known);
    }
  for await (const pins of more)
    for (const pin of pins) {
      const known = shared.get(contentOf(pin.cid));
      if (known && !isMatching(known, pin, withNames)) known.other ??= rowOf(pin);
    }
  return { both: shared.size, differences: [...shared.values()].flatMap((each) => difference(each, isSwapped)) };
}

/** Whether the names differ; otherwise, or too, the statuses do. */
export function namesDiffer({ left, right }: Difference, withNames: boolean): boolean {
  return withNames && left !== undefined && right !== undefined && left.name !== right.name;
}

export function statusesDiffer({ left, right }: Difference): boolean {
  return (
    left !== undefined &&
    right !== undefined &&
    ![statusOf(left), statusOf(right)].includes(undefined) &&
    statusOf(left) !== statusOf(right)
  );
}

function rowOf({ cid, name, status }: Pin): ComparedRow {
  return { cid, name, status };
}

/** A status as it is compared; undefined where the source doesn't report one, which is equal to any. */
function statusOf({ status }: Pick<ComparedRow, 'status'>): string | undefined {
  const folded = status && foldAscii(status);
  return folded === NOT_REPORTED ? undefined : folded;
}

/** The status of a pin of which no peer of a cluster has told one. */
const NOT_REPORTED = 'unknown';

function addRow({ byName }: Shared, pin: Pin, withNames: boolean): void {
  const [name, status] = [withNames ? pin.name : undefined, statusOf(pin)];
  const named = byName.get(name) ?? { byStatus: new Map(), isAllMatched: false };
  if (!named.byStatus.has(status)) named.byStatus.set(status, { row: rowOf(pin), isMatched: false });
  byName.set(name, named);
}

/** Whether rows of the other side are equal to this pin; these are marked. */
function isMatching({ byName }: Shared, pin: Pin, withNames: boolean): boolean {
  const named = byName.get(withNames ? pin.name : undefined);
  if (!named) return false;
  const { byStatus } = named;
  const status = statusOf(pin);
  const equal =
    status !== undefined ? [byStatus.get(status), byStatus.get(undefined)] : named.isAllMatched ? [] : [...byStatus.values()];
  if (status === undefined) named.isAllMatched = true;
  let isFound = status === undefined;
  for (const known of equal) {
    if (!known) continue;
    known.isMatched = isFound = true;
  }
  return isFound;
}

function difference({ byName, other }: Shared, isSwapped: boolean): readonly Difference[] {
  let own: ComparedRow | undefined;
  let matched: ComparedRow | undefined;
  let first: ComparedRow | undefined;
  for (const { byStatus } of byName.values())
    for (const { row, isMatched } of byStatus.values()) {
      first ??= row;
      if (isMatched) matched ??= row;
      else own ??= row;
    }
  if (!own && !other) return [];
  const [one, another] = [own ?? first, other ?? matched];
  const [left, right] = isSwapped ? [another, one] : [one, another];
  return [{ cid: left?.cid ?? right?.cid, left, right }];
}

const KEY = new Uint8Array(KEY_BYTES);

function contentOf(cid: string): string {
  const bytes = Buffer.from(cid);
  return Buffer.from(KEY.buffer, 0, writeContentKey(bytes, 0, bytes.length, KEY)).toString('latin1');
}
