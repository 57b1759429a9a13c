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

/** A content of both sources: the rows of the side that has fewer, and those of the other that are equal to none of them. */
interface Shared {
  readonly rows: ComparedRow[];
  readonly others: ComparedRow[];
  readonly matched: Set<ComparedRow>;
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
    for (const { cid, name, status } of pins) {
      const key = contentOf(cid);
      const known = shared.get(key) ?? { rows: [], others: [], matched: new Set() };
      known.rows.push({ cid, name, status });
      shared.set(key, known);
    }
  for await (const pins of more)
    for (const { cid, name, status } of pins) {
      const known = shared.get(contentOf(cid));
      const row = { cid, name, status };
      const equal = known?.rows.filter((each) => isSameName(each, row, withNames) && isSameStatus(each, row)) ?? [];
      for (const each of equal) known?.matched.add(each);
      if (equal.length === 0) known?.others.push(row);
    }
  return { both: shared.size, differences: [...shared.values()].flatMap((each) => difference(each, isSwapped)) };
}

/** Whether the names differ; otherwise, or too, the statuses do. */
export function namesDiffer({ left, right }: Difference, withNames: boolean): boolean {
  return left !== undefined && right !== undefined && !isSameName(left, right, withNames);
}

export function statusesDiffer({ left, right }: Difference): boolean {
  return left !== undefined && right !== undefined && !isSameStatus(left, right);
}

function difference({ rows, others, matched }: Shared, isSwapped: boolean): readonly Difference[] {
  const own = rows.filter((row) => !matched.has(row));
  if (own.length === 0 && others.length === 0) return [];
  const [one, other] = [own[0] ?? rows[0], others[0] ?? rows.find((row) => matched.has(row))];
  const [left, right] = isSwapped ? [other, one] : [one, other];
  return [{ cid: left?.cid ?? right?.cid, left, right }];
}

function isSameName(one: ComparedRow, other: ComparedRow, withNames: boolean): boolean {
  return !withNames || one.name === other.name;
}

function isSameStatus(one: ComparedRow, other: ComparedRow): boolean {
  const statuses = [one.status, other.status].map((status) => status && foldAscii(status));
  return statuses.includes(undefined) || statuses[0] === statuses[1];
}

const KEY = new Uint8Array(KEY_BYTES);

function contentOf(cid: string): string {
  const bytes = Buffer.from(cid);
  return Buffer.from(KEY.buffer, 0, writeContentKey(bytes, 0, bytes.length, KEY)).toString('latin1');
}
