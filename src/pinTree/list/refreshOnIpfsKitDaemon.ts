import type { Disposable } from '../../base/disposable';
import type { DaemonMonitor } from '../../daemonClient/ipfsKit/monitor';
import { isUp } from '../../daemonClient/ipfsKit/daemonState';
import type { PinListModel } from './pinListModel';

const WAIT_MS = 300;

/** Lists again when the daemon has started or stopped since the last list. It waits a moment first, because states change in bursts. */
export function refreshOnIpfsKitDaemon(monitor: DaemonMonitor, model: PinListModel): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const check = (): void => {
    const { busy, listing, error, daemon } = model.state;
    const hasListed = listing !== undefined || error !== undefined;
    if (monitor.current().state === 'stopping') return; // that state passes soon
    // Compared with the probe of the list itself, so that a daemon which is up but whose list fails isn't listed again at every poll.
    if (!busy && hasListed && isUp(daemon?.state) !== isUp(monitor.current().state)) void model.list();
  };
  const subscription = monitor.onDidChange(() => {
    clearTimeout(timer);
    timer = setTimeout(check, WAIT_MS);
  });
  return {
    dispose: () => {
      clearTimeout(timer);
      subscription.dispose();
    },
  };
}
