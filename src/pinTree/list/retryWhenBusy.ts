import type { Disposable } from '../../base/disposable';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { SourceList } from './sourceList';

/** Time in ms before the first retry, and the longest between two. */
const FIRST_MS = 2000;
const MOST_MS = 60_000;
/** The most automatic lists: each attempt adds work to a daemon that responds but whose list fails each time. */
const MOST_LISTS = 3;

/**
 * Retries a source that didn't respond in time, or responded with an error, because a busy daemon responds later. Each retry probes the source, and lists it only if it responds. The
 * time between two retries doubles, until the list succeeds or fails for another reason. After three failed lists only the user retries.
 */
export function retryWhenBusy({ source, model }: SourceList, firstMs = FIRST_MS): Disposable {
  const stop = new AbortController();
  let waitMs = firstMs;
  let lists = 0;
  let timer: NodeJS.Timeout | undefined;
  const isLate = (): boolean => !model.state.busy && IpfsKitError.is(model.state.error, 'timeout', 'http-status');
  const look = async (): Promise<void> => {
    // The probe rejects only with `cancelled`.
    const answer = await source.probe(stop.signal).catch(() => undefined);
    timer = undefined;
    if (!answer || stop.signal.aborted || !isLate()) return;
    if (answer.state === 'busy') return wait();
    lists++;
    void model.list();
  };
  const wait = (): void => {
    timer = setTimeout(() => void look(), waitMs);
    timer.unref();
    waitMs = Math.min(2 * waitMs, MOST_MS);
  };
  const listening = model.onDidChange(() => {
    if (isLate()) {
      if (timer === undefined && lists < MOST_LISTS) wait();
    } else if (!model.state.busy) [waitMs, lists] = [firstMs, 0];
  });
  return {
    dispose: () => {
      stop.abort();
      clearTimeout(timer);
      listening.dispose();
    },
  };
}
