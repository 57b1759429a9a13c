import { cancelled } from '../base/ipfsKitError';

/** Long work in steps: between two of them the thread takes its messages, or a cancel could never arrive. */

/** How many rows make a step: a few milliseconds. */
export const ROWS_A_STEP = 65_536;

/** Of rows whose values are made one by one, out of texts of up to 64 KiB: a few milliseconds where each of them is parsed. */
export const VALUES_A_STEP = 32;

/** What small steps may take together before messages are let in. */
const PACE_MS = 4;

/** Lets waiting messages in. Throws `cancelled` once the signal is aborted. */
export async function pause(signal: AbortSignal): Promise<void> {
  stopIfAborted(signal);
  await new Promise((resolve) => setImmediate(resolve));
  stopIfAborted(signal);
}

/** To be asked between small steps, of which each alone is not worth a pause: a promise to wait for when one is due. */
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

/** As forEachIndex, for loops of one's own: V8 makes fast code of those, and one visitor for all would have to fit each. */
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
  if (signal.aborted) throw cancelled();
}
