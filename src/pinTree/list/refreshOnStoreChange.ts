import type { DaemonMonitor } from '../../daemonClient/ipfsKit/monitor';
import type { StoreWatch, StoreWatchOptions } from '../../pinStore/watchStore';
import { watchStore } from '../../pinStore/watchStore';
import type { PinListModel } from './pinListModel';

export interface StoreRefresh {
  setVisible(visible: boolean): void;
  dispose(): void;
}

/**
 * Reads a list from disk again when its files change, without probing the daemon. A live list isn't read again: its changes come from the daemon. The files are
 * watched only while the list is visible.
 */
export function refreshOnStoreChange(
  monitor: DaemonMonitor | undefined,
  model: PinListModel,
  options: Pick<StoreWatchOptions, 'databasePath' | 'pidFile' | 'note'>,
): StoreRefresh {
  let visible = false;
  let disposed = false;
  let watching: Promise<StoreWatch | undefined> | undefined;
  const watch = async (): Promise<StoreWatch | undefined> => {
    await new Promise((resolve) => setTimeout(resolve)); // the view is drawn before the watch starts
    return disposed
      ? undefined
      : watchStore({
          ...options,
          onStores: async () => {
            const { listing, error, busy } = model.state;
            if (listing ? listing.freshness === 'live' : error === undefined && !busy) return;
            await (listing?.freshness === 'sample' ? model.list() : model.relist()); // the user's own pins replace the sample
          },
          onPidFile: () => void monitor?.check('asked').catch(() => undefined),
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
