import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon without a shutdown hook is ended at once',
  run: async (world) => {
    await world.daemon({ listen: PORT, http: '404', children: [{}] });
    const { result } = await world.stop({ gracefulStop: world.askToShutDown, gracefulTimeoutMs: 20_000 });
    assert.ok(result.ms < 10_000);
  },
};
