import path from 'node:path';
import { toPlainError } from '../../src/base/ipfsKitError';
import type { OpenRequest } from '../../src/pinWorker/openers';
import { createPinWorkerHandle } from '../../src/pinWorker/pinWorkerHandle';
import { asHost } from './inHost';

/** The outcome of opening a list: the number of pins, or the reason of the error. */
export interface ListedInHost {
  readonly pins?: number;
  /** The outcome of each request to the opened list. */
  readonly asked?: Readonly<Record<string, string>>;
  readonly reason?: string;
  readonly message?: string;
  /** Why the thread was ended, once for each time. */
  readonly ended: readonly string[];
}

/** Opens a list in the pin worker as it ships, and sends the requests of a view. */
asHost(async (request: OpenRequest): Promise<ListedInHost> => {
  const ended: string[] = [];
  const dist = path.join(process.cwd(), 'dist');
  const worker = createPinWorkerHandle({
    file: path.join(dist, 'pinWorker.js'),
    wasmFile: path.join(dist, 'sql-wasm.wasm'),
    onEnded: ({ reason }) => ended.push(reason),
  });
  const outcomes: Record<string, string> = {};
  const ask = async (what: string, question: () => Promise<unknown>): Promise<void> => {
    outcomes[what] = await question().then(
      () => 'answered',
      (error: unknown) => toPlainError(error).reason,
    );
  };
  try {
    const { table } = await worker.request('open', request);
    const pins = await worker.request('count', { table, of: {} });
    const page = { table, query: { limit: 500 } };
    await ask('page', () => worker.request('page', page));
    await ask('search', () => worker.request('count', { table, of: { filter: 'nowhere' } }));
    await ask('by name', () => worker.request('page', { table, query: { sort: 'name', limit: 500 } }));
    await ask('by time', () => worker.request('page', { table, query: { sort: '-time', limit: 500 } }));
    const level = { table, key: 'folder' as const, of: {}, offset: 0, limit: 500 };
    await ask('groups', () => worker.request('groupLevel', level));
    return { pins, asked: outcomes, ended };
  } catch (error) {
    return { ...toPlainError(error), ended };
  } finally {
    ended.push('');
    await worker.dispose();
    ended.splice(ended.indexOf(''));
  }
});
