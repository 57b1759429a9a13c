import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { withCommas } from '../../base/withCommas';
import type { ComparedRow, Difference } from '../../inventory/differences';
import type { Pin } from '../../pin/pin';
import type { ComparedSide, Comparison } from '../list/compareLists';
import { sourceDescription } from './sourceText';

/** What two sources have in common and what not, as picks and as a plain-text document. What isn't known is said to be unknown, never 0. */

const LONGEST_NAME = 500;

/** A part of a comparison. `filter`: finds it in the view, where a filter can. */
export interface ComparedPart {
  readonly title: SafeText;
  /** `3`, `3 or more`, `unknown`. */
  readonly count: SafeText;
  readonly filter: string | undefined;
  /** Why the number isn't certain. */
  readonly why: SafeText | undefined;
}

/** `3`; `3 or more` where more may come to light. */
function countText(count: number | undefined, isWhole: boolean): SafeText {
  if (count === undefined) return safe`unknown`;
  return safe`${withCommas(count)}${isWhole ? '' : ' or more'}`;
}

function nameOf({ list }: ComparedSide): SafeText {
  return safeText(list.source.name);
}

/** `IPFS Cluster isn't listed in full`; undefined where all of its pins are known. */
function notWhole(...sides: readonly ComparedSide[]): SafeText | undefined {
  const unknown = sides.filter(({ isWhole }) => !isWhole);
  if (unknown.length === 0) return undefined;
  return joined(
    unknown.map((side) => safe`${nameOf(side)} ${side.listing ? "isn't listed in full" : "isn't listed"}`),
    ', ',
  );
}

function onlyPart(side: ComparedSide, other: ComparedSide): ComparedPart {
  const { only, filter } = side;
  const title = safe`Only in ${nameOf(side)}`;
  return {
    title,
    count: countText(only, side.isWhole),
    filter: only === undefined ? undefined : filter,
    why: notWhole(side, other),
  };
}

/** The parts, in their order; those that can never be known of these sources are left out. */
export function comparedParts({ left, right, filter, compared, withNames, withStatuses }: Comparison): readonly ComparedPart[] {
  const why = notWhole(left, right);
  const certain = why === undefined;
  const differing = (title: SafeText, count: number | undefined, whyNot: SafeText): ComparedPart => ({
    ...{ title, count: countText(count, certain), filter: undefined },
    why: count === undefined && compared ? whyNot : why,
  });
  return [
    onlyPart(left, right),
    onlyPart(right, left),
    { title: safe`In both`, count: countText(compared?.both, certain), filter: compared && filter, why },
    differing(safe`Names differ`, withNames ? compared?.nameCount : undefined, safe`names unavailable`),
    ...(withStatuses === undefined
      ? []
      : [differing(safe`Statuses differ`, withStatuses ? compared?.statusCount : undefined, safe`statuses weren't read`)]),
  ];
}

/** `onlyLeft` and `onlyRight`: the first pins of these parts. `now` is ms since 1970. */
export function comparisonText(
  comparison: Comparison,
  onlyLeft: readonly Pin[],
  onlyRight: readonly Pin[],
  now: number,
): SafeText {
  const { left, right, compared, withNames, withStatuses } = comparison;
  const parts = comparedParts(comparison);
  const rows = [
    onlyLeft.map(pinLine),
    onlyRight.map(pinLine),
    [],
    (withNames ? (compared?.names ?? []) : []).map((each) => differenceLine(each, comparison, ({ name }) => quoted(name))),
    (withStatuses === true ? (compared?.statuses ?? []) : []).map((each) =>
      differenceLine(each, comparison, ({ status }) => safeText(status ?? 'unknown', 60)),
    ),
  ];
  const totals = [left.only, right.only, undefined, compared?.nameCount, compared?.statusCount];
  const about = [left, right].map((side) => safe`${nameOf(side)}: ${sourceDescription(side.list.model.state, now)}`);
  const sections = parts.map(({ title, count, why }, at) => {
    const shown = rows[at] ?? [];
    const more = (totals[at] ?? 0) - shown.length;
    const reason = why === undefined ? safe`` : safe` (${why})`;
    return joined(
      [
        safe`${title}: ${count}${reason}`,
        ...shown,
        more > 0 && shown.length > 0 ? safe`  … and ${withCommas(more)} more` : undefined,
      ],
      '\n',
    );
  });
  return joined([joined(about, '\n'), ...sections, safe``], '\n\n');
}

function pinLine({ cid, name, status }: Pin): SafeText {
  const facts = joined(
    [name === undefined ? undefined : quoted(name), status === undefined ? undefined : safeText(status, 60)],
    ', ',
  );
  return facts === '' ? safe`  ${safeText(cid, LONGEST_NAME)}` : safe`  ${safeText(cid, LONGEST_NAME)}  ${facts}`;
}

function differenceLine({ cid = '', left, right }: Difference, of: Comparison, what: (row: ComparedRow) => SafeText): SafeText {
  const say = (row: ComparedRow | undefined, side: ComparedSide): SafeText | undefined =>
    row && safe`${what(row)} in ${nameOf(side)}`;
  return safe`  ${safeText(cid, LONGEST_NAME)}  ${joined([say(left, of.left), say(right, of.right)], ', ')}`;
}

function quoted(name: string | undefined): SafeText {
  return name === undefined ? safe`no name` : safe`“${safeText(name, LONGEST_NAME)}”`;
}
