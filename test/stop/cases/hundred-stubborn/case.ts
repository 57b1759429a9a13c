import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A hundred processes that ignore SIGTERM are ended',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      term: 'ignore',
      children: [
        { kind: 'sleep', term: 'ignore', times: 50 },
        { kind: 'sleep', term: 'ignore', session: true, times: 25 },
        { term: 'ignore', children: [{ kind: 'sleep', term: 'ignore', group: true, times: 23 }] },
      ],
    });
    const { result } = await world.stop();
    assert.equal(result.killed.length, 100);
  },
};
