import type { GroupKey } from '../../pin/pinQuery';
import type { Pin } from '../../pin/pin';
import { abbreviateHome } from '../../base/homePath';
import type { GroupNode } from '../../columns/groupLevel';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeLines, safeText } from '../../base/safeText';
import { withCommas } from '../../base/withCommas';
import { NAME_OF_KEY } from '../text/groupText';
import { byteCount, pinFacts } from '../text/pinFacts';
import type { PinListState } from '../list/pinListModel';
import { pinLabel } from '../text/pinText';
import { clockText, viewMessage } from '../text/provenanceText';
import { totalText } from '../text/sizesText';
import { pinCount } from '../text/pinCount';

/**
 * The tooltips of rows. They are plain text: every value is untrusted, and VS Code parses Markdown in the extension host's thread, 40 ms the first time.
 */

/** `detail`: the status in full, a line for each machine. */
export function pinTooltip(pin: Pin, detail: string | undefined): SafeText {
  const name = pin.name === undefined ? [] : ([pinLabel(pin), ''] as const);
  const facts = pinFacts(pin).map(([title, value]) => safe`${title}: ${value}`);
  return joined([...name, ...facts, ...(detail === undefined ? [] : safeLines(detail, 500))], '\n');
}

export function groupTooltip(group: GroupNode, by: GroupKey): SafeText {
  const { key, count, own, hasFolders } = group;
  const title = key === undefined ? safe`Without a ${NAME_OF_KEY[by]}` : safeText(key, 500);
  const inside = hasFolders ? ` (${withCommas(own)} directly in it)` : '';
  const size = totalText(group, byteCount) ?? 'unknown';
  return joined([title, safe`${pinCount(count)}${inside}`, safe`Size: ${size}`], '\n');
}

/** The full error of a source, or where its pins come from. `now` is ms since 1970. */
export function sourceTooltip(state: PinListState, now: number): SafeText {
  const { error, listing, sizes } = state;
  const size = sizes && totalText(sizes, byteCount);
  const from = listing
    ? [
        viewMessage(state, now),
        ...(size === undefined ? [] : [`Size: ${size}. Blocks that pins share count for each of them.`]),
        `From ${listing.opened.location}, ${clockText(listing.opened.asOfMs, now)}`,
      ]
    : ['Loading pins…'];
  return joined(
    (error ? [error.message] : from).map((line) => safeText(abbreviateHome(line), 2000)),
    '\n',
  );
}
