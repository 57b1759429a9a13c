import type { DaemonState } from '../daemonClient/daemonState';
import { newerUnread } from '../pinIndex/listing';
import type { PinListState } from './pinListModel';

/** Where the rows come from and how old they are, in a few words: `1,204 pins · SQLite, 14:02 · daemon stopped`. */

export const SOURCE_NAME = { arrow: 'Arrow', json: 'JSON', sqlite: 'SQLite', parquet: 'Parquet', duckdb: 'DuckDB' } as const;

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
  return `${total.toLocaleString('en-US')} ${total === 1 ? 'pin' : 'pins'}`;
}

/** `14:02` for today, else the date; local time. */
export function clockText(ms: number, now: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return at.toDateString() === new Date(now).toDateString()
    ? `${two(at.getHours())}:${two(at.getMinutes())}`
    : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

export function provenance({ listing, total, pins, busy }: PinListState, now: number): string {
  if (!listing) return '';
  const { freshness, opened, daemon } = listing;
  const count = pinCount(total ?? pins.length) + (total === undefined ? '…' : '');
  const source = SOURCE_NAME[opened.source];
  if (freshness === 'live') return [count, opened.source === 'arrow' ? 'live' : `live, ${source}`].join(' · ');
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
  const { daemon, freshness, notes, opened } = listing;
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
      const { arrowFailure } = opened;
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
