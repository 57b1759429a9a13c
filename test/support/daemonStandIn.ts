import assert from 'node:assert/strict';
import type { Answer, ReplayedRequest, ReplayServer } from './replayServer';
import { recordedAnswer, replayServer } from './replayServer';
import { settled } from '../unit/daemonClient/rawServer';

/** Responses by route, such as `POST /api/v0/id`, without the query. A list is used in order, and its last one is repeated. */
export type Routes = Readonly<Record<string, Answer | readonly Answer[] | ((request: ReplayedRequest) => Answer)>>;

/** A recorded response of Kubo v0.41.0. */
export const kubo = (name: string): Answer => recordedAnswer(`test/fixtures/kubo/${name}.http`);
/** A recorded response of IPFS Cluster v1.1.0. */
export const cluster = (name: string): Answer => recordedAnswer(`test/fixtures/cluster/${name}.http`);

export const json = (value: unknown, status = '200 OK'): Answer => ({ status, body: `${JSON.stringify(value)}\n` });

/** Runs `check` beside a daemon with these responses, and asserts that no connection is left open. */
export async function withStandIn(
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
