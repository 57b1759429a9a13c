import type { Disposable } from '../../base/disposable';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { SourceList } from './sourceList';

/** Milliseconds before the first retry, and the most between two. */
const FIRST_MS = 2000;
const MOST_MS = 60_000;

/**
 * Lists a source again that didn't respond in time, without being asked to: what keeps a daemon busy passes. Each retry asks the cheap question first,
 * and lists only once that is answered; the time between two doubles, until the list succeeds or fails in another way.
 */
export function retryWhenBusy({ source, model }: SourceList, firstMs = FIRST_MS): Disposable {
  const stop = new AbortController();
  let waitMs = firstMs;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    try {
      const { state } = await source.probe(stop.signal);
      timer = undefined;
      if (stop.signal.aborted || model.state.busy || !IpfsKitError.is(model.state.error, 'timeout')) return;
      if (state === 'busy') wait();
      else void model.list();
    } catch {
      // It was cancelled.
    }
  };
  const wait = (): void => {
    timer = setTimeout(() => void look(), waitMs);
    timer.unref();
    waitMs = Math.min(2 * waitMs, MOST_MS);
  };
  const listening = model.onDidChange(() => {
    const { busy, error } = model.state;
    if (busy) return;
    if (!IpfsKitError.is(error, 'timeout')) waitMs = firstMs;
    else if (timer === undefined) wait();
  });
  return {
    dispose: () => {
      stop.abort();
      clearTimeout(timer);
      listening.dispose();
    },
  };
}
