import type { Disposable } from '../../base/disposable';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { SourceList } from './sourceList';

/** Milliseconds before the first retry, and the most between two. */
const FIRST_MS = 2000;
const MOST_MS = 60_000;
/** A daemon that responds, and whose list is late each time, has more to do with each attempt. */
const MOST_LISTS = 3;

/**
 * Retries a source that didn't respond in time: what keeps a daemon busy passes. Each retry probes the source, and lists it only if it responds.
 * The time between two doubles, until the list succeeds or fails in another way; a list that is late three more times waits for the person.
 */
export function retryWhenBusy({ source, model }: SourceList, firstMs = FIRST_MS): Disposable {
  const stop = new AbortController();
  let waitMs = firstMs;
  let lists = 0;
  let timer: NodeJS.Timeout | undefined;
  const isLate = (): boolean => !model.state.busy && IpfsKitError.is(model.state.error, 'timeout');
  const look = async (): Promise<void> => {
    // The probe never rejects, but for `cancelled`.
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
