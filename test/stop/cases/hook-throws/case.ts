import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A hook that throws, at once or later, does not keep the daemon alive',
  run: async (world) => {
    for (const gracefulStop of [
      () => {
        throw new Error('at once');
      },
      () => Promise.reject(new Error('later')),
      // An object with a `then` that isn't a promise, as JavaScript code may return it.
      () => ({
        then: () => {
          throw new TypeError('no promise');
        },
      }),
    ]) {
      await world.daemon({ listen: PORT });
      const { result } = await world.stop({ gracefulStop, gracefulTimeoutMs: 20_000 });
      assert.ok(result.ms < 10_000);
    }
  },
};
