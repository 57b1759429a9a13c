import { readFileSync } from 'node:fs';
import path from 'node:path';
import { toPlainError } from '../../src/base/ipfsKitError';
import type { GroupKey, SortKey } from '../../src/pin/pinQuery';
import { createPinWorkerHandle } from '../../src/pinWorker/pinWorkerHandle';
import { createVfsThread } from '../../src/vfs/vfsThread';
import { asHost } from './inHost';

/**
 * Files to open one after the other, each with requests to its list: `page`, `count`, `sort KEY`, `group KEY`, `search TEXT`, `fuzzy TEXT`, `details CID`.
 */
export interface ReadInHost {
  readonly files?: Readonly<Record<string, readonly string[]>>;
  readonly silenceMs?: number;
  /** Blocks of which the type, the bytes, the entries and the entry at `a/b` are requested. */
  readonly blocks?: { readonly repository: string; readonly cids: readonly string[] };
}

/** The outcome of each request by file or CID: `ok`, or a reason. */
export type ReadAnswers = Readonly<Record<string, readonly string[]>>;
export interface ReadRun {
  readonly answers: ReadAnswers;
  /** Why a thread was ended, once for each time. */
  readonly ended: readonly string[];
  /** The largest resident memory of this process with all its threads in MB, and what Linux reports about it. */
  readonly peakMb: number;
}

asHost(async ({ files = {}, blocks, silenceMs }: ReadInHost): Promise<ReadRun> => {
  const ended: string[] = [];
  const answers: Record<string, string[]> = {};
  const dist = path.join(process.cwd(), 'dist');
  const onEnded = ({ reason }: { readonly reason: string }): number => ended.push(reason);
  const ask = async (of: string, question: () => Promise<unknown>): Promise<void> => {
    (answers[of] ??= []).push(
      await question().then(
        () => 'ok',
        (error: unknown) => toPlainError(error).reason,
      ),
    );
  };
  const worker = createPinWorkerHandle({
    file: path.join(dist, 'pinWorker.js'),
    wasmFile: path.join(dist, 'sql-wasm.wasm'),
    onEnded,
    ...(silenceMs !== undefined && { silenceMs }),
  });
  for (const [file, questions] of Object.entries(files)) {
    let table = -1;
    await ask(file, async () => ({ table } = await worker.request('open', { kind: 'store', query: { databasePath: file } })));
    if (answers[file]?.[0] !== 'ok') continue;
    for (const question of questions) {
      const [what, about = ''] = question.split(' ');
      await ask(file, () => {
        switch (what) {
          case 'count':
            return worker.request('count', { table, of: {} });
          case 'sort':
            return worker.request('page', { table, query: { sort: about as SortKey, limit: 200 } });
          case 'group':
            return worker.request('groups', { table, key: about as GroupKey, of: {} });
          case 'search':
            return worker.request('count', { table, of: { filter: about } });
          case 'fuzzy':
            return worker.request('count', { table, of: { filter: about, fuzzy: true } });
          case 'details':
            return worker.request('details', { table, cid: about });
          case undefined:
          default:
            return worker.request('page', { table, query: { limit: 200 } });
        }
      });
    }
    await worker.request('close', { table }).catch(() => undefined);
  }
  const thread = createVfsThread(path.join(dist, 'vfsWorker.js'), onEnded);
  for (const cid of blocks?.cids ?? []) {
    const at = { sources: { repository: blocks?.repository ?? '', gateways: [] }, at: { cid, path: [] } };
    await ask(cid, () => thread.request('stat', at));
    await ask(cid, () => thread.request('read', { ...at, most: 2 ** 26 }));
    await ask(cid, () => thread.request('list', { ...at, offset: 0, limit: 500 }));
    await ask(cid, () => thread.request('stat', { ...at, at: { cid, path: ['a', 'b'] } }));
  }
  const whyEnded = [...ended];
  await worker.dispose();
  await thread.dispose();
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return { answers, ended: whyEnded, peakMb: Math.round(Number(peak) / 1024) };
});
