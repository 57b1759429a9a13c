import type { GroupKey } from '../../pin/pinQuery';
import { looksLikeCid } from '../../pin/cid';
import type { Pin } from '../../pin/pin';
import { abbreviateHome } from '../../base/homePath';
import type { GroupNode } from '../../columns/groupLevel';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeLines, safeText } from '../../base/safeText';
import { dateAndAge, dateAndUntil, sizeText } from '../../base/sizeAndAge';
import { withCommas } from '../../base/withCommas';
import type { NameOf } from '../list/listsJoin';
import { groupLabel, NAME_OF_KEY } from '../text/groupText';
import { byteCount, exactSize, pinFacts } from '../text/pinFacts';
import type { PinListState } from '../list/pinListModel';
import { clockText, viewMessage } from '../text/provenanceText';
import { totalText } from '../text/sizesText';
import type { Noun } from '../text/pinCount';
import { nounOf, pinCount } from '../text/pinCount';

/** What is shown when the pointer rests on a row: plain text, but for the facts of a pin, which hover.ts puts into Markdown. */

/**
 * The facts of a pin, each a line: what it is, when it was pinned, its source, its status there, and the lines of copiesLines. `detail`: the status in full, a
 * line for each machine. `now` is ms since 1970.
 */
export function hoverFacts(
  pin: Pin,
  source: string,
  detail: string | undefined,
  now: number,
  noun: Noun = 'pin',
  copies: readonly SafeText[] = [],
): SafeText[] {
  const { sizeBytes, pinnedAt, type, status, expiresAt, info } = pin;
  const why = info?.['status_details'];
  const kind = type === undefined ? 'pin' : safe`${safeText(type, 40)} pin`;
  const statusAndType = joined([status === undefined ? undefined : safeText(status, 500), kind], ', ');
  const others = pinFacts(pin).filter(([title]) => !SAID.has(title));
  return [
    sizeBytes === undefined ? undefined : SIZE_OF[noun](sizeBytes),
    pinnedAt === undefined ? undefined : safe`Pinned ${dateAndAge(pinnedAt, now)}`,
    noun === 'item' ? safe`In ${source}` : safe`${source}: ${statusAndType}`,
    why === undefined ? undefined : safeText(why, 500),
    expiresAt === undefined ? undefined : safe`Expires ${dateAndUntil(expiresAt, now)}`,
    ...(detail === undefined ? [] : safeLines(detail, 500)),
    ...copies,
    ...others.map(([title, value]) => safe`${title}: ${value}`),
    looksLikeCid(pin.cid) ? undefined : safe`Not a valid CID:`,
  ].filter((fact) => fact !== undefined);
}

/** A folder states the sizes of its entries, with everything below them; nothing has been counted. */
const SIZE_OF: Readonly<Record<Noun, (bytes: number | string) => SafeText>> = {
  pin: exactSize,
  item: (bytes) => safe`${sizeText(bytes)}, as its folder states`,
};

/** The titles of the facts that hoverFacts says in its own words. */
const SAID: ReadonlySet<string> = new Set(['CID', 'Type', 'Size', 'Pinned', 'Status', 'Expires', 'Status details']);

export function groupTooltip(group: GroupNode, by: GroupKey, noun?: Noun, nameOf?: NameOf): SafeText {
  const { key, count, own, hasFolders } = group;
  const isOfCopies = by === 'copies' || by === 'source';
  const whole = isOfCopies ? groupLabel(group, by, undefined, nameOf) : safeText(key ?? '', 500);
  const title = key === undefined ? safe`Without a ${NAME_OF_KEY[by]}` : whole;
  const inside = hasFolders ? ` (${withCommas(own)} directly in it)` : '';
  const size = totalText(group, byteCount, noun) ?? 'unknown';
  return joined([title, safe`${pinCount(count, noun)}${inside}`, safe`Size: ${size}`], '\n');
}

/** The full error of a source, or where its pins come from. `now` is ms since 1970. */
export function sourceTooltip(state: PinListState, now: number): SafeText {
  const { error, listing, sizes, daemon } = state;
  const size = sizes && totalText(sizes, byteCount, nounOf(state));
  const from = listing
    ? [
        viewMessage(state, now),
        ...(size === undefined ? [] : [`Size: ${size}. Blocks that ${nounOf(state)}s share count for each of them.`]),
        `From ${listing.opened.location}, ${clockText(listing.opened.asOfMs, now)}`,
        // A running daemon of ipfs_kit_py says that it is starting. That is its own word, not that of the row.
        ...(daemon?.state === 'starting' ? [daemon.detail] : []),
      ]
    : ['Loading pins…'];
  return joined(
    (error ? [error.message] : from).map((line) => safeText(abbreviateHome(line), 2000)),
    '\n',
  );
}
