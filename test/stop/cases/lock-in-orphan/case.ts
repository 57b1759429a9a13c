import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A lock that a grandchild holds after the daemon is gone is released',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      http: 'ok',
      children: [{ ends: false, children: [{ label: 'writer', session: true, term: 'ignore', lock: world.database }] }],
    });
    const { result } = await world.stop({ gracefulStop: world.askToShutDown });
    assert.equal(result.locks, 'free');
  },
};
