import type { Disposable } from '../../base/disposable';
import type { SourceList } from './sourceList';

const EVERY_MS = 20_000;
/** A list is read again only after it has rested this many times as long as reading it took. */
const REST = 20;

export interface ChangeRefresh extends Disposable {
  setVisible(visible: boolean): void;
}

/**
 * Lists a source again when its version has changed (PinSource.version). It is asked for every `everyMs` while the list is visible and isn't being read. Undefined
 * for a source without a version.
 */
export function refreshOnChange({ source, model }: SourceList, everyMs = EVERY_MS): ChangeRefresh | undefined {
  if (!source.version) return undefined;
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isAsking = false;
  const look = async (): Promise<void> => {
    const { listing, busy } = model.state;
    if (isAsking || busy || listing?.version === undefined) return;
    if (Date.now() - listing.opened.asOfMs < REST * (listing.tookMs ?? 0)) return;
    isAsking = true;
    // Why the version is unknown, the next list says, too.
    const version = await source.version?.(stop.signal).catch(() => undefined);
    isAsking = false;
    const now = model.state;
    if (stop.signal.aborted || version === undefined || version === listing.version) return;
    if (now.listing === listing && !now.busy) void model.list();
  };
  return {
    setVisible: (visible) => {
      clearInterval(timer);
      timer = visible ? setInterval(() => void look(), everyMs).unref() : undefined;
      if (visible) void look(); // the list may have changed while it was hidden
    },
    dispose: () => {
      clearInterval(timer);
      stop.abort();
    },
  };
}
