import { canceled } from './ipfsKitError';

/** Long work in steps: between two steps the thread handles its messages, otherwise a cancellation could never arrive. */

/** How many rows make a step: a few milliseconds. */
export const ROWS_A_STEP = 65_536;

/** How many rows make a step where each value is parsed from a text of up to 64 KiB: a few milliseconds. */
export const VALUES_A_STEP = 32;

/** How long small steps may take together before messages are handled. */
const PACE_MS = 4;

/** Handles waiting messages. Throws `cancelled` once the signal is aborted. */
export async function pause(signal: AbortSignal): Promise<void> {
  stopIfAborted(signal);
  await new Promise((resolve) => setImmediate(resolve));
  stopIfAborted(signal);
}

/** Call the result between steps that are too small for a pause each. It returns a promise to wait for when a pause is due. */
export function pacer(signal: AbortSignal): () => Promise<void> | undefined {
  let last = performance.now();
  const pauseNow = async (): Promise<void> => {
    await pause(signal);
    last = performance.now();
  };
  return () => (performance.now() - last < PACE_MS ? undefined : pauseNow());
}

/** Visits 0 … count-1 in order. Throws `cancelled` soon after the signal is aborted. */
export async function forEachIndex(count: number, visit: (index: number) => void, signal: AbortSignal): Promise<void> {
  await forEachBlock(
    count,
    (from, to) => {
      for (let index = from; index < to; index++) visit(index);
    },
    signal,
    VALUES_A_STEP,
  );
}

/** Like forEachIndex, but the caller writes the loop over each block: V8 optimizes such a loop better than a visitor that is shared by all callers. */
export async function forEachBlock(
  count: number,
  visit: (from: number, to: number) => void,
  signal: AbortSignal,
  step = ROWS_A_STEP,
): Promise<void> {
  stopIfAborted(signal);
  const due = pacer(signal);
  for (let from = 0; from < count; from += step) {
    const rest = due();
    if (rest) await rest;
    visit(from, Math.min(count, from + step));
  }
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw canceled();
}
