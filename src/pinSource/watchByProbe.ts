import type { AnswerState, SourceAnswer } from './pinSource';

const EVERY_MS = 20_000;
/** What does not last is waited out. */
const PASSING: readonly AnswerState[] = ['busy', 'starting'];

/** Tells when a daemon that leaves no file behind has come or gone: a cheap question now and then. */
export function watchByProbe(
  probe: (signal: AbortSignal) => Promise<SourceAnswer>,
  changed: () => void,
  everyMs = EVERY_MS,
): { dispose(): void } {
  const stop = new AbortController();
  let last: AnswerState | undefined;
  let isAsking = false;
  const look = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    try {
      const { state } = await probe(stop.signal);
      if (stop.signal.aborted || PASSING.includes(state)) return;
      const before = last;
      last = state;
      if (before !== undefined && before !== state) changed();
    } catch {
      // it was cancelled
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  void look(); // the list is read at the same time
  return {
    dispose: () => {
      clearInterval(timer);
      stop.abort();
    },
  };
}
