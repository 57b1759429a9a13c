import { abbreviateHome } from '../../base/homePath';
import type { MonitorState } from '../../daemonClient/ipfsKit/monitor';
import type { WorkerInspection } from '../../pinWorker/protocol';
import type { PinListState } from '../list/pinListModel';

export interface Versions {
  readonly extension: string;
  readonly editor: string;
}

/** The text for a bug report: states, sources, versions and timings. It has no pin names and no CIDs, and `~` for the home directory. */
export function diagnosticsText(
  versions: Versions,
  daemon: MonitorState,
  lists: readonly (readonly [source: string, list: PinListState])[],
  worker: WorkerInspection | undefined,
): string {
  const lines = [
    `IPFS Kit ${versions.extension}; ${versions.editor}; Node ${process.versions.node}; ${process.platform} ${process.arch}`,
    `Daemon: ${daemon.state} since ${new Date(daemon.since).toISOString()}: ${daemon.detail}`,
    ...lists.flatMap(([source, list]) => linesOf(source, list)),
    worker ? `Pin worker: ${worker.openTables} open tables, ${worker.loaded.length} files loaded` : 'Pin worker: not running',
  ];
  return `${lines.map((line) => abbreviateHome(line)).join('\n')}\n`;
}

function linesOf(source: string, { listing, error, total, rows, view, fuzzy }: PinListState): string[] {
  const attempts = listing?.daemon?.attempts ?? [];
  return [
    error
      ? `${source}: ${error.reason}: ${error.message}`
      : `${source}: ${listing ? `${listing.opened.source}, ${listing.freshness}, ${listing.opened.detail}` : 'no list yet'}`,
    ...attempts.map(({ address, route, outcome, ms }) => `  GET ${address}${route}: ${outcome}, ${Math.round(ms)} ms`),
    ...(listing
      ? [
          `  from ${listing.opened.location} as of ${new Date(listing.opened.asOfMs).toISOString()}; ${rows.pins.length + rows.groups.length} rows shown of ${total ?? '?'}${listing.incomplete ? `, ${listing.incomplete}` : ''}`,
          `  ${view.filter === undefined ? 'no filter' : fuzzy ? 'a filter, fuzzy' : 'a filter'}; sorted by ${view.sort ?? 'default'}; grouped by ${view.group ?? 'nothing'}`,
        ]
      : []),
    ...(listing?.notes ?? []).map((note) => `  note: ${note}`),
  ];
}
