import type { Disposable } from '../../base/disposable';
import type { DaemonMonitor } from '../../daemonClient/ipfsKit/monitor';
import { isUp } from '../../daemonClient/ipfsKit/daemonState';
import type { PinListModel } from './pinListModel';

const WAIT_MS = 300;

/** Lists anew when the daemon has come or gone since the last list; a moment later, since states come in bursts. */
export function refreshOnDaemonChange(monitor: DaemonMonitor, model: PinListModel): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const check = (): void => {
    const { busy, listing, error, daemon } = model.state;
    const hasListed = listing !== undefined || error !== undefined;
    if (monitor.current().state === 'stopping') return; // what it says then is not for long
    // Compared with what the list itself was told: a daemon that is up but whose list fails is not asked again at every poll.
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
