import type { DaemonState } from '../daemonClient/ipfsKit/daemonState';
import type { DaemonMonitor, MonitorState } from '../daemonClient/ipfsKit/monitor';
import type { PinLists } from './list/pinLists';
import type { SourceList } from './list/sourceList';
import { provenance } from './text/provenanceText';
import type { Log } from '../base/log';

/** Logs a line for each change of the daemon's state, and for each list of the sources in the view that was read or failed, beginning with what is known now. */
export function logListing(log: Pick<Log, 'info' | 'warn'>, monitor: DaemonMonitor, lists: PinLists): void {
  let daemon: DaemonState = 'probing';
  const tellDaemon = ({ state, detail }: MonitorState): void => {
    if (state !== daemon) log.info(`Daemon ${state}: ${detail}`);
    daemon = state;
  };
  monitor.onDidChange(tellDaemon);
  tellDaemon(monitor.current());
  const logged = new WeakMap<SourceList, unknown>();
  const tell = (list: SourceList): void => {
    const { state } = list.model;
    const { busy, error, listing, isSilent } = state;
    if (busy || logged.get(list) === (error ?? listing)) return;
    logged.set(list, error ?? listing);
    if (!error && isSilent === true) return; // nobody asked for it, and there would be a line twice a minute
    const { name } = list.source;
    if (error) log.warn(`${name}: no list (${error.reason}): ${error.message}`);
    else if (listing)
      log.info(`${name}: ${provenance(state, Date.now())} from ${listing.opened.location} (${listing.opened.detail})`);
    for (const note of listing?.notes ?? []) log.info(`  ${note}`);
  };
  const tellEach = (list?: SourceList): void => {
    for (const each of list ? [list] : lists.shown()) tell(each);
  };
  lists.onDidChange(tellEach);
  tellEach();
}
