import path from 'node:path';
import type { Probe, ProbeOptions } from '../daemonClient/ipfsKit/probe';
import { probe } from '../daemonClient/ipfsKit/probe';
import type { PinWorkerHandle } from '../pinWorker/pinWorkerHandle';

/** What --explain adds: when the probe and each request to the worker ended, in ms since the process began, and which files were loaded by then. */
export interface Explained {
  readonly worker: PinWorkerHandle;
  readonly probe: (urls: readonly string[], options?: ProbeOptions) => Promise<Probe>;
  readonly tail: () => Promise<object>;
}

export function explained(worker: PinWorkerHandle, dist: string): Explained {
  const timingsMs: Record<string, number> = {};
  const mark = (name: string): void => {
    timingsMs[name] = Math.round(performance.now() * 10) / 10;
  };
  mark('main');
  return {
    worker: {
      ...worker,
      request: async (operation, params, options) => {
        const answer = await worker.request(operation, params, options);
        mark(operation);
        return answer;
      },
    },
    probe: async (urls, options) => {
      const answer = await probe(urls, options);
      mark('probe');
      return answer;
    },
    tail: async () => {
      const { loaded } = await worker.request('inspect', undefined);
      const short = (files: readonly string[]): string[] => files.map((file) => path.relative(dist, file));
      return { explain: { timingsMs, loaded: { main: short(Object.keys(require.cache)), worker: short(loaded) } } };
    },
  };
}
