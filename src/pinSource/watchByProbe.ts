import type { AnswerState, SourceAnswer } from './pinSource';

const EVERY_MS = 20_000;
/** States that don't last: they count neither as started nor as stopped. */
const PASSING: readonly AnswerState[] = ['busy', 'starting'];

/** Calls `changed` when a daemon has started or stopped, for daemons that leave no file to watch. Probes every `everyMs`. */
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
      // a probe rejects only when it is canceled
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  void look(); // the state that later ones are compared with
  return {
    dispose: () => {
      clearInterval(timer);
      stop.abort();
    },
  };
}
