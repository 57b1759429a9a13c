import type { DaemonMonitor } from '../daemonClient/monitor';
import { watchStore } from '../pinStore/watchStore';
import type { PinListModel } from './pinListModel';

export interface StoreRefresh {
  setVisible(visible: boolean): void;
  dispose(): void;
}

/**
 * Reads a list that came from disk anew when its files change, without asking the daemon again; a live list is the daemon's to tell.
 * Only while somebody can see it.
 */
export function refreshOnStoreChange(
  monitor: DaemonMonitor,
  model: PinListModel,
  paths: { readonly databasePath: () => string; readonly pidFile: () => string | undefined },
): StoreRefresh {
  const watching = watchStore({
    ...paths,
    onStores: async () => {
      const { listing, error, busy } = model.state;
      if (listing ? listing.freshness === 'live' : error === undefined && !busy) return;
      await model.relist();
    },
    onPidFile: () => void monitor.check('asked').catch(() => undefined),
  });
  return { setVisible: (visible) => watching.setActive(visible), dispose: () => watching.dispose() };
}
