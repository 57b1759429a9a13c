import type { Pin } from '../pin/pin';
import type { PinQuery } from '../pin/pinQuery';
import type { OpenOptions } from '../pinSource/pinSource';

/** All pins of a query, some thousands at a time. Its offset and limit are ignored. The next pins are read only when the caller asks for them. */
export async function* walkPins(
  table: number,
  query: PinQuery,
  { worker, signal }: Pick<OpenOptions, 'worker' | 'signal'>,
): AsyncGenerator<readonly Pin[]> {
  const walk = await worker.request('openWalk', { table, query }, { signal });
  for (;;) {
    const pins = await worker.request('nextPins', { table, walk }, { signal });
    if (pins.length === 0) return;
    yield pins;
  }
}

/** The items from `offset` on, at most `limit` of them. No stretch is empty. */
export async function* slice<T>(
  stretches: AsyncIterable<readonly T[]>,
  offset: number,
  limit: number,
): AsyncGenerator<readonly T[]> {
  let [skip, left] = [offset, limit];
  if (left === 0) return;
  for await (const stretch of stretches) {
    const taken = stretch.slice(skip, skip + left);
    skip = Math.max(0, skip - stretch.length);
    left -= taken.length;
    if (taken.length > 0) yield taken;
    if (left === 0) return;
  }
}
