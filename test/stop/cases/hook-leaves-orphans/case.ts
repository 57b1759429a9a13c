import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Processes that a daemon leaves behind on a shutdown request are ended at once',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      http: 'ok',
      children: [{ label: 'orphan', session: true, children: [{ kind: 'sleep' }] }],
    });
    const { result } = await world.stop({ gracefulStop: world.askToShutDown, gracefulTimeoutMs: 20_000, termTimeoutMs: 5000 });
    assert.equal(result.killed.length, 3);
    assert.ok(result.ms < 10_000, 'orphans get no extra time, since no parent would signal them');
  },
};
