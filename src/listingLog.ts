import type { DaemonMonitor } from './daemonClient/monitor';
import { IpfsKitError } from './ipfsKitError';
import type { PinListModel } from './pinTree/pinListModel';
import { provenance } from './pinTree/provenanceText';

/** The part of a LogOutputChannel that is used. */
interface Log {
  info(message: string): void;
  warn(message: string): void;
}

/** One line for each change of the daemon's state and each list that came or failed. */
export function logListing(log: Log, monitor: DaemonMonitor, model: PinListModel): void {
  let daemon: string | undefined;
  monitor.onDidChange(({ state, detail }) => {
    if (state !== daemon) log.info(`Daemon ${state}: ${detail}`);
    daemon = state;
  });
  let told: unknown;
  model.onDidChange(() => {
    const { state } = model;
    const { busy, error, listing } = state;
    if (busy || told === (error ?? listing)) return;
    told = error ?? listing;
    if (error) log.warn(`No list (${IpfsKitError.from(error).reason}): ${error.message}`);
    else if (listing) log.info(`${provenance(state, Date.now())} from ${listing.opened.location} (${listing.opened.detail})`);
    for (const note of listing?.notes ?? []) log.info(`  ${note}`);
  });
}
