import type { DaemonState } from '../../daemonClient/ipfsKit/daemonState';
import { newerUnread } from '../../pinSource/listing';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { lacksStatuses } from '../list/listView';
import type { PinListState } from '../list/pinListModel';
import { withCommas } from '../../base/withCommas';

/** Texts about where the rows come from and how old they are: `1,204 pins · SQLite, 14:02 · daemon stopped`. */

export const SOURCE_NAME = {
  arrow: 'Arrow',
  json: 'JSON',
  sqlite: 'SQLite',
  parquet: 'Parquet',
  duckdb: 'DuckDB',
  kubo: 'Kubo',
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

export function pinCount(total: number): SafeText {
  return safe`${withCommas(total)} ${total === 1 ? 'pin' : 'pins'}`;
}

const INCOMPLETE_WORDS = { receiving: 'loading…', 'broken-off': 'incomplete' } as const;

/**
 * `1,204 pins`; with a filter `12 of 1,204 pins match “photo”`, or `12 of 1,204` in the row of a source, below a message that shows the filter. The number
 * ends in `…` while pins are being counted.
 */
function countText({ view, fuzzy, rows, matching, total, listing }: PinListState, isNamed: boolean): SafeText {
  const open = listing?.incomplete === 'receiving' ? '…' : '';
  if (view.filter === undefined) return safe`${pinCount(total ?? rows.pins.length)}${total === undefined ? '…' : open}`;
  const found = matching === undefined ? `${withCommas(rows.pins.length)}…` : withCommas(matching);
  if (isNamed) return safe`${found} of ${total === undefined ? '…' : withCommas(total) + open}${fuzzy ? ' resemble it' : ''}`;
  const filter = safe`“${safeText(view.filter, LONGEST_SHOWN)}”`;
  const of = total === undefined ? 'pins…' : `of ${pinCount(total)}${open}`;
  return safe`${found} ${of} ${fuzzy ? 'resemble' : matching === 1 ? 'matches' : 'match'} ${filter}`;
}

/** The longest filter that is shown, in UTF-16 units: a view is narrow. */
const LONGEST_SHOWN = 40;
const LONGEST_NOTE = 1000;

/** `14:02` for today, else the date; local time. */
export function clockText(ms: number, now: number): SafeText {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return at.toDateString() === new Date(now).toDateString()
    ? safe`${two(at.getHours())}:${two(at.getMinutes())}`
    : safe`${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** `isNamed`: the text is shown beside the name of the source. */
export function provenance(state: PinListState, now: number, isNamed = false): SafeText {
  const { listing, busy } = state;
  if (!listing) return safe``;
  const { freshness, opened, daemon, incomplete } = listing;
  const count = countText(state, isNamed);
  const source = SOURCE_NAME[opened.source];
  if (freshness === 'live') {
    const isPlain = opened.source === 'arrow' || (isNamed && opened.source !== 'json');
    const statuses = opened.statusesMissing
      ? 'statuses incomplete'
      : lacksStatuses(listing, state.view)
        ? 'status unavailable'
        : undefined;
    const names = opened.namesMissing ? 'names unavailable' : undefined;
    const how = ['live', isPlain ? undefined : source, incomplete && INCOMPLETE_WORDS[incomplete], names, statuses] as const;
    return joined([count, joined(how, ', ')], ' · ');
  }
  if (freshness === 'sample') return joined([count, 'sample'], ' · ');
  const origin = freshness === 'kept' ? 'last live list' : source;
  const answer = daemon
    ? daemon.state === 'up' || daemon.state === 'starting'
      ? 'daemon list failed'
      : DAEMON_WORDS[daemon.state]
    : busy
      ? 'connecting to the daemon'
      : undefined;
  const missing = incomplete && INCOMPLETE_WORDS[incomplete];
  return joined([count, safe`${origin}, ${clockText(opened.asOfMs, now)}`, missing, answer], ' · ');
}

/**
 * The message above the rows. VS Code hides the description of a view that is the only one in its container, so the message repeats it.
 */
export function viewMessage(state: PinListState, now: number): SafeText {
  const from = provenance(state, now);
  const note = noteOf(state);
  return note === '' ? from : from === '' ? note : safe`${from}. ${note}`;
}

function noteOf({ listing }: PinListState): SafeText {
  if (!listing) return safe``;
  const { daemon, freshness, notes, opened, incomplete } = listing;
  switch (freshness) {
    case 'sample':
      return safe`Nothing of yours was found. Refresh to look again, or connect to your node.`;
    case 'kept':
      return safe`The last list from the daemon, because the database couldn't be read: ${withShortPath(notes.at(-1) ?? '')}`;
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

/** Shortens the first path to its last part: a view is narrow, and a path can't be wrapped. Log and tooltip have the whole path. */
function withShortPath(message: string): SafeText {
  return safeText(message.replace(/(?<=^|\s)(?:[/~]|[A-Za-z]:\\)\S*[/\\]([^\s/\\]+)/, '$1'), LONGEST_NOTE);
}
