import { IpfsKitError } from '../ipfsKitError';

/** Long work in steps: between two of them the thread takes its messages, or a cancel could never arrive. */

/** How many rows make a step: a few milliseconds. */
const ROWS = 65_536;

/** Lets waiting messages in. Throws `cancelled` once the signal is aborted. */
export async function pause(signal: AbortSignal): Promise<void> {
  stopIfAborted(signal);
  await new Promise((resolve) => setImmediate(resolve));
  stopIfAborted(signal);
}

/** Visits 0 … count-1 in order. Throws `cancelled` soon after the signal is aborted. */
export async function forEachIndex(count: number, visit: (index: number) => void, signal: AbortSignal): Promise<void> {
  stopIfAborted(signal);
  for (let from = 0; from < count; from += ROWS) {
    if (from > 0) await pause(signal);
    for (let index = from; index < Math.min(count, from + ROWS); index++) visit(index);
  }
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new IpfsKitError('cancelled', 'Cancelled.');
}
