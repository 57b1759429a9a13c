import type { DaemonState } from '../daemonClient/daemonState';
import { newerUnread } from '../pinIndex/listing';
import { safeLabel } from '../safeText';
import { lacksStatuses } from './listView';
import type { PinListState } from './pinListModel';
import { withCommas } from '../withCommas';

/** Where the rows come from and how old they are, in a few words: `1,204 pins · SQLite, 14:02 · daemon stopped`. */

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

const DAEMON_WORDS: Record<DaemonState, string> = {
  probing: 'asking the daemon',
  absent: 'daemon stopped',
  busy: 'daemon busy',
  starting: 'daemon starting',
  up: 'daemon up',
  'up-without-arrow': 'daemon up',
  foreign: 'another server on the port',
  stopping: 'daemon stopping',
};

export function pinCount(total: number): string {
  return `${withCommas(total)} ${total === 1 ? 'pin' : 'pins'}`;
}

const INCOMPLETE_WORDS = { receiving: 'more is coming', 'broken-off': 'incomplete' } as const;

/**
 * `1,204 pins`; with a filter `12 of 1,204 pins match “photo”`, or `12 of 1,204` where several places stand below what says so. The number ends in `…`
 * while it is being counted.
 */
function countText({ view, fuzzy, rows, matching, total, listing }: PinListState, isNamed: boolean): string {
  const open = listing?.incomplete === 'receiving' ? '…' : '';
  if (view.filter === undefined) return pinCount(total ?? rows.pins.length) + (total === undefined ? '…' : open);
  const found = matching === undefined ? `${withCommas(rows.pins.length)}…` : withCommas(matching);
  if (isNamed) return `${found} of ${total === undefined ? '…' : withCommas(total) + open}${fuzzy ? ' resemble it' : ''}`;
  const filter = `“${safeLabel(view.filter, LONGEST_SHOWN)}”`;
  const of = total === undefined ? 'pins…' : `of ${pinCount(total)}${open}`;
  return `${found} ${of} ${fuzzy ? 'resemble' : matching === 1 ? 'matches' : 'match'} ${filter}`;
}

/** Of a filter; a view is narrow. */
const LONGEST_SHOWN = 40;

/** `14:02` for today, else the date; local time. */
export function clockText(ms: number, now: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return at.toDateString() === new Date(now).toDateString()
    ? `${two(at.getHours())}:${two(at.getMinutes())}`
    : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** `isNamed`: the row says already whose pins they are. */
export function provenance(state: PinListState, now: number, isNamed = false): string {
  const { listing, busy } = state;
  if (!listing) return '';
  const { freshness, opened, daemon, incomplete } = listing;
  const count = countText(state, isNamed);
  const source = SOURCE_NAME[opened.source];
  if (freshness === 'live') {
    const isPlain = opened.source === 'arrow' || (isNamed && opened.source !== 'json');
    const statuses = opened.statusesMissing
      ? 'statuses incomplete'
      : lacksStatuses(listing, state.view)
        ? 'without status'
        : undefined;
    const names = opened.namesMissing && 'without names';
    const how = ['live', isPlain ? undefined : source, incomplete && INCOMPLETE_WORDS[incomplete], names, statuses];
    return [count, how.filter((word) => word !== undefined).join(', ')].join(' · ');
  }
  if (freshness === 'sample') return [count, 'sample'].join(' · ');
  const origin = freshness === 'kept' ? 'last live list' : source;
  const answer = daemon
    ? daemon.state === 'up' || daemon.state === 'starting'
      ? 'daemon list failed'
      : DAEMON_WORDS[daemon.state]
    : busy
      ? 'asking the daemon'
      : undefined;
  return [count, `${origin}, ${clockText(opened.asOfMs, now)}`, answer].filter((part) => part !== undefined).join(' · ');
}

/**
 * What stands above the rows. The only view of a container shares the container's header, which leaves out the description:
 * where the rows come from is said here too.
 */
export function viewMessage(state: PinListState, now: number): string {
  const note = noteOf(state);
  return [provenance(state, now), note].filter((line) => line !== '').join('. ');
}

function noteOf({ listing }: PinListState): string {
  if (!listing) return '';
  const { daemon, freshness, notes, opened, incomplete } = listing;
  switch (freshness) {
    case 'sample':
      return 'Not yours: neither a daemon nor a pin database was found.';
    case 'kept':
      return `What the daemon listed last, since the database could not be read: ${withShortPath(notes.at(-1) ?? '')}`;
    case 'snapshot': {
      const [unread] = newerUnread(opened);
      if (unread) return `Not the newest: ${withShortPath(unread.message)}`;
      return daemon && daemon.state !== 'absent' ? withShortPath(notes[0] ?? '') : '';
    }
    case 'live': {
      const { arrowFailure, namesMissing, statusesMissing } = opened;
      if (incomplete === 'broken-off' || namesMissing || statusesMissing) return notes[0] ?? '';
      return arrowFailure && arrowFailure.reason !== 'no-such-route'
        ? `Taken from the daemon's JSON list: ${arrowFailure.message}`
        : '';
    }
  }
}

/** The first path as its last part: a view is narrow, and a path has no place to break. Log and tooltip have it whole. */
function withShortPath(message: string): string {
  return message.replace(/(?<=^|\s)(?:[/~]|[A-Za-z]:\\)\S*[/\\]([^\s/\\]+)/, '$1');
}
