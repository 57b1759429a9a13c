import type { DaemonMonitor } from '../../daemonClient/ipfsKit/monitor';
import type { StoreWatch, StoreWatchOptions } from '../../pinStore/watchStore';
import { watchStore } from '../../pinStore/watchStore';
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
  options: Pick<StoreWatchOptions, 'databasePath' | 'pidFile' | 'note'>,
): StoreRefresh {
  let visible = false;
  let disposed = false;
  let watching: Promise<StoreWatch | undefined> | undefined;
  const watch = async (): Promise<StoreWatch | undefined> => {
    await new Promise((resolve) => setTimeout(resolve)); // The view is drawn first: nobody waits for the watch.
    return disposed
      ? undefined
      : watchStore({
          ...options,
          onStores: async () => {
            const { listing, error, busy } = model.state;
            if (listing ? listing.freshness === 'live' : error === undefined && !busy) return;
            await model.relist();
          },
          onPidFile: () => void monitor.check('asked').catch(() => undefined),
        });
  };
  return {
    setVisible: (isVisible) => {
      visible = isVisible;
      if (visible || watching) void (watching ??= watch()).then((watched) => watched?.setActive(visible));
    },
    dispose: () => {
      disposed = true;
      void watching?.then((watched) => watched?.dispose());
    },
  };
}
