import { sizeOfDag } from '../daemonClient/kubo/kuboRpc';
import { createSemaphore } from '../base/semaphore';
import type { AskedSizes } from '../pinWorker/protocol';
import { askInStretches } from './askedSizes';
import type { KuboAccess } from './kuboAccess';
import type { AskedFacts, PinSource } from './pinSource';
import { createRowFacts } from './rowFacts';

/** Kubo walks a DAG for each size. More at once would delay lists and pins. */
const SIZES_AT_ONCE = 4;
const SIZES_DISCARDED = 'The sizes were discarded.';

/** The sizes of content, and whether it is a file, as its Kubo tells them: for the rows in view, and for tables without sizes. */
export function sizesFromKubo({
  proven,
  daemon,
}: Pick<KuboAccess, 'proven' | 'daemon'>): Required<Pick<PinSource, 'rowFacts' | 'askSizes'>> {
  const semaphore = createSemaphore(() => SIZES_AT_ONCE);
  const factsOf = (cids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, AskedFacts>> =>
    proven(
      async (where) => {
        const facts = new Map<string, AskedFacts>();
        const ask = async (cid: string): Promise<void> => {
          const dag = await semaphore.run(() => sizeOfDag(where, cid, { signal }), signal);
          if (dag) facts.set(cid, { sizeBytes: dag.bytes, isFile: dag.isFile });
        };
        await Promise.allSettled(cids.map(ask)); // a block that is missing for one size doesn't concern the others
        return facts;
      },
      SIZES_DISCARDED,
      signal,
    );
  return {
    rowFacts: (tell) => createRowFacts(factsOf, tell),
    askSizes: (options) => {
      const { worker, signal, table, of } = options;
      const kept = daemon();
      const ask = (from: number): Promise<AskedSizes> =>
        proven(
          (access) => worker.request('askSizes', { table, of, from, access, daemon: kept }, { signal }),
          SIZES_DISCARDED,
          signal,
        );
      return askInStretches(ask, options);
    },
  };
}
