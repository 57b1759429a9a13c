import type { DaemonState } from '../../daemonClient/ipfsKit/daemonState';
import type { Listing } from '../../pinSource/listing';
import { newerUnread } from '../../pinSource/listing';
import type { PinSource } from '../../pinSource/pinSource';
import type { PinSourceKind } from '../../pinWorker/opener';
import { isUndated, undatedNote } from '../../pinSource/sizesForOrder';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { isArranged, lacksStatuses } from '../list/listView';
import type { PinListState } from '../list/pinListModel';
import { isBySize } from '../list/pinListState';
import { withCommas } from '../../base/withCommas';
import { arrangementText, filterText } from './arrangementText';
import { askingText, sizesText, unsortedText } from './sizesText';
import { nounOf, pinCount } from './pinCount';

/** Texts about where the rows come from and how old they are: `1,204 pins · SQLite, 14:02 · daemon stopped`. */

export const SOURCE_NAME = {
  arrow: 'Arrow',
  json: 'JSON',
  sqlite: 'SQLite',
  parquet: 'Parquet',
  duckdb: 'DuckDB',
  kubo: 'Kubo',
  files: 'Files',
  cluster: 'IPFS Cluster',
  'pinning-service': 'pinning service',
} as const;

const DAEMON_WORDS = {
  probing: 'connecting to the daemon',
  absent: 'daemon stopped',
  busy: 'daemon busy',
  starting: 'daemon running',
  up: 'daemon running',
  foreign: 'port used by another server',
  stopping: 'daemon stopping',
} as const satisfies Record<DaemonState, string>;

/** What is said of a list that the daemon of its source has left on disk. */
const LEFT_ON_DISK: Partial<Record<PinSourceKind, { readonly origin: SafeText; readonly daemon: SafeText }>> = {
  files: { origin: safe`Kubo's disk`, daemon: safe`Kubo isn't running` },
};

const LIVE = 'live';

const INCOMPLETE_WORDS = { receiving: 'loading…', 'broken-off': 'incomplete' } as const;

/**
 * `1,204 pins`; with a filter `12 of 1,204 pins match “photo”`, or `12 of 1,204` in the row of a source, below a message that shows the filter. The number
 * ends in `…` while pins are being counted.
 */
function countText(state: PinListState, isNamed: boolean): SafeText {
  const { view, fuzzy, rows, matching, total } = state;
  if (view.filter === undefined || isNamed)
    return safe`${shortCount(state)}${view.filter !== undefined && fuzzy ? ' resemble it' : ''}`;
  const found = matching === undefined ? `${withCommas(rows.pins.length)}…` : withCommas(matching);
  const of = total === undefined ? `${nounOf(state)}s…` : `of ${pinCount(total, nounOf(state))}${openEnd(state)}`;
  const verb = matching === 1 ? (fuzzy ? 'resembles' : 'matches') : fuzzy ? 'resemble' : 'match';
  return safe`${found} ${of} ${verb} ${filterText(view.filter)}`;
}

/** `1,204 pins`; with a filter `12 of 1,204`. */
function shortCount(state: PinListState): SafeText {
  const { view, rows, matching, total } = state;
  const open = openEnd(state);
  if (view.filter === undefined)
    return safe`${pinCount(total ?? rows.pins.length, nounOf(state))}${total === undefined ? '…' : open}`;
  const found = matching === undefined ? `${withCommas(rows.pins.length)}…` : withCommas(matching);
  return safe`${found} of ${total === undefined ? '…' : withCommas(total) + open}`;
}

function openEnd({ listing }: PinListState): '…' | '' {
  return listing?.incomplete === 'receiving' ? '…' : '';
}

const LONGEST_NOTE = 1000;

/** `14:02` for today, else the date; local time. */
export function clockText(ms: number, now: number): SafeText {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return at.toDateString() === new Date(now).toDateString()
    ? safe`${two(at.getHours())}:${two(at.getMinutes())}`
    : safe`${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** `isNamed`: the text is shown beside the name of the source. Otherwise it has the size of the pins only where sizes or groups are what the user looks at. */
export function provenance(state: PinListState, now: number, isNamed = false): SafeText {
  const { listing, view } = state;
  if (!listing) return safe``;
  const sizes = isNamed || isBySize(view) ? sizesText(state) : undefined;
  const [count, origin] = [countText(state, isNamed), originText(state, listing, now, isNamed)];
  // The row of a source may be cut off: that its list is old matters more than its size.
  return joined(isNamed && listing.freshness !== 'live' ? [count, origin, sizes] : [count, sizes, origin], ' · ');
}

/** Where the rows come from and how old they are: `live` or `SQLite, 14:02`, `daemon stopped`. */
function originText(state: PinListState, listing: Listing, now: number, isNamed: boolean): SafeText {
  const { freshness, opened, daemon, incomplete } = listing;
  const source = SOURCE_NAME[opened.source];
  if (freshness === 'live') {
    const isPlain = opened.source === 'arrow' || (isNamed && opened.source !== 'json');
    const statuses = opened.statusesMissing
      ? 'statuses incomplete'
      : lacksStatuses(listing, state.view)
        ? 'status unavailable'
        : undefined;
    const names = opened.namesMissing ? 'names unavailable' : undefined;
    const how = [LIVE, isPlain ? undefined : source, incomplete && INCOMPLETE_WORDS[incomplete], names, statuses] as const;
    return joined(how, ', ');
  }
  if (freshness === 'sample') return safe`sample`;
  const left = LEFT_ON_DISK[opened.source];
  const origin = freshness === 'kept' ? 'last live list' : (left?.origin ?? source);
  const answer = left
    ? left.daemon
    : daemon
      ? daemon.state === 'up' || daemon.state === 'starting'
        ? 'daemon list failed'
        : DAEMON_WORDS[daemon.state]
      : state.busy
        ? 'connecting to the daemon'
        : undefined;
  const missing = incomplete && INCOMPLETE_WORDS[incomplete];
  return joined([safe`${origin}, ${clockText(opened.asOfMs, now)}`, missing, answer], ' · ');
}

/**
 * The message above the rows: what has been chosen for them, if anything, or else where they come from. VS Code hides the description of a view that is the
 * only one in its container, so the message repeats it; beside what has been chosen it leaves out that the list is live and whole. `source`: that of the list,
 * where it is to be said what it doesn't know. `doubts`: as doubtsText says which others are unknown.
 */
export function viewMessage(
  state: PinListState,
  now: number,
  source?: Pick<PinSource, 'name' | 'capabilities'>,
  doubts?: SafeText,
): SafeText {
  const arranged = isArranged(state.view) ? arrangedText(state, now, doubts) : provenance(state, now);
  const from = joined([arranged, askingText([state])], ' · ');
  const unsorted = state.listing && unsortedText(state, SOURCE_NAME[state.listing.opened.source]);
  const undated = source && isUndated(state.view.sort, source.capabilities) ? safeText(undatedNote(source.name)) : undefined;
  const note = joined([noteOf(state) || undefined, unsorted, undated], ' ');
  return note === '' ? from : from === '' ? note : safe`${from}. ${note}`;
}

/** `10 of 293 · “photo” · by size, largest first · SQLite, 14:02`. */
function arrangedText(state: PinListState, now: number, doubts?: SafeText): SafeText {
  const { listing, view, fuzzy } = state;
  if (!listing) return safe``;
  const origin = originText(state, listing, now, false);
  const isWholeAndLive = origin === LIVE || origin === `${LIVE}, ${SOURCE_NAME[listing.opened.source]}`;
  const sizes = isBySize(view) ? sizesText(state) : undefined;
  const count = joined([shortCount(state), doubts], ', ');
  return joined([count, sizes, ...arrangementText(view, fuzzy), isWholeAndLive ? undefined : origin], ' · ');
}

function noteOf({ listing }: PinListState): SafeText {
  if (!listing) return safe``;
  const { daemon, freshness, notes, opened, incomplete } = listing;
  switch (freshness) {
    case 'sample':
      return safe`Nothing of yours was found. Refresh to look again, or connect to your node.`;
    case 'kept':
      return firstSentence(withShortPath(notes.at(-1) ?? '')); // why there is no newer list; the log has the rest
    case 'snapshot': {
      const [unread] = newerUnread(opened);
      if (unread) return safe`Not the newest: ${withShortPath(unread.message)}`;
      if (opened.incomplete) return withShortPath(opened.incomplete.message);
      return daemon && daemon.state !== 'absent' ? withShortPath(notes[0] ?? '') : safe``;
    }
    case 'live': {
      const { arrowFailure, namesMissing, statusesMissing, leftOut } = opened;
      if (incomplete === 'broken-off' || namesMissing || statusesMissing || leftOut !== undefined)
        return safeText(notes[0] ?? '', LONGEST_NOTE);
      return arrowFailure && arrowFailure.reason !== 'no-such-route'
        ? safe`Using the daemon's JSON list: ${safeText(arrowFailure.message, LONGEST_NOTE)}`
        : safe``;
    }
  }
}

function firstSentence(text: SafeText): SafeText {
  return safeText(/^.*?[.](?= |$)/.exec(text)?.[0] ?? text, LONGEST_NOTE);
}

/** Shortens the first path to its last part: a view is narrow, and a path can't be wrapped. Log and tooltip have the whole path. */
function withShortPath(message: string): SafeText {
  return safeText(message.replace(/(?<=^|\s)(?:[/~]|[A-Za-z]:\\)\S*[/\\]([^\s/\\]+)/, '$1'), LONGEST_NOTE);
}
