import assert from 'node:assert/strict';
import type { Answer, ReplayedRequest, ReplayServer } from './replayServer';
import { recordedAnswer, replayServer } from './replayServer';
import { settled } from '../unit/daemonClient/rawServer';

/** What is answered by route, `POST /api/v0/id`, without the query; of several answers each in turn, and the last from then on. */
export type Routes = Readonly<Record<string, Answer | readonly Answer[] | ((request: ReplayedRequest) => Answer)>>;

/** What Kubo v0.41.0 answered. */
export const kubo = (name: string): Answer => recordedAnswer(`test/fixtures/kubo/${name}.http`);
/** What IPFS Cluster v1.1.0 answered. */
export const cluster = (name: string): Answer => recordedAnswer(`test/fixtures/cluster/${name}.http`);

export const json = (value: unknown, status = '200 OK'): Answer => ({ status, body: `${JSON.stringify(value)}\n` });

/** A daemon that answers as it is told; no connection may be left open. */
export async function withPeer(
  routes: Routes,
  check: (url: string, server: ReplayServer) => Promise<void>,
  socketPath?: string,
): Promise<void> {
  const taken = new Map<string, number>();
  const server = await replayServer((request) => {
    const route = `${request.method} ${request.path.split('?')[0] ?? ''}`;
    const answers = routes[route];
    if (answers === undefined) return undefined;
    if (typeof answers === 'function') return answers(request);
    if (!isList(answers)) return answers;
    const at = taken.get(route) ?? 0;
    taken.set(route, at + 1);
    return answers[Math.min(at, answers.length - 1)];
  }, socketPath);
  try {
    await check(server.url, server);
    assert.ok(await settled(() => server.open() === 0), 'no connection is left open');
  } finally {
    await server.close();
  }
}

function isList(answers: Answer | readonly Answer[]): answers is readonly Answer[] {
  return Array.isArray(answers);
}
