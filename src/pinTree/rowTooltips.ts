import type { GroupKey } from '../pin/pinQuery';
import type { Pin } from '../pin/pin';
import { abbreviateHome } from '../homePath';
import type { GroupNode } from '../pinIndex/groupLevel';
import { safeLine } from '../safeText';
import { withCommas } from '../withCommas';
import { NAME_OF_KEY } from './groupText';
import { pinFacts } from './pinFacts';
import type { PinListState } from './pinListModel';
import { pinLabel } from './pinText';
import { clockText, pinCount, viewMessage } from './provenanceText';

/**
 * The tooltips of rows: a bundle of its own, loaded with the first that is wanted. Plain text: every value is untrusted, and VS Code parses Markdown
 * in the thread of the extensions, 40 ms the first time.
 */

/** `detail`: what was asked for when the row came into view, a line for each machine. */
export function pinTooltip(pin: Pin, detail: string | undefined): string {
  const name = pin.name === undefined ? [] : [pinLabel(pin), ''];
  const facts = pinFacts(pin).map(([title, value]) => `${title}: ${value}`);
  return [...name, ...facts, ...(detail?.split('\n').map((line) => safeLine(line, 500)) ?? [])].join('\n');
}

export function groupTooltip({ key, count, own, sizeBytes, hasFolders }: GroupNode, by: GroupKey): string {
  const title = key === undefined ? `Without a ${NAME_OF_KEY[by]}` : safeLine(key, 500);
  const inside = hasFolders ? ` (${withCommas(own)} directly in it)` : '';
  return `${title}\n${pinCount(count)}${inside}\n${withCommas(sizeBytes)} bytes of known size`;
}

/** What is wrong with a place, in full, or where its pins come from. `now` is ms since 1970. */
export function sourceTooltip(state: PinListState, now: number): string {
  const { error, listing } = state;
  const from = listing
    ? [viewMessage(state, now), `From ${listing.opened.location}, ${clockText(listing.opened.asOfMs, now)}`]
    : ['Asking for its pins.'];
  return (error ? [error.message] : from).map((line) => safeLine(abbreviateHome(line), 2000)).join('\n');
}
