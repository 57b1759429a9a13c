import type { AskedSizes } from '../pinWorker/protocol';
import type { AskSizesOptions } from './pinSource';

/**
 * Asks for sizes a stretch at a time (see AskSizes). `stretch` asks the worker for the next ones from a place on, and rejects where they came from another
 * daemon: then they aren't added.
 */
export async function askInStretches(
  stretch: (from: number) => Promise<AskedSizes>,
  { worker, signal, table, onAsked, isEnough = () => false }: AskSizesOptions,
): Promise<boolean> {
  for (let from = 0; ;) {
    const { next, known, asked } = await stretch(from);
    const isLast = next === undefined || isEnough();
    await worker.request('keepSizes', { table, isLast }, { signal });
    onAsked?.(known + asked);
    if (isLast) return next !== undefined;
    from = next;
  }
}
