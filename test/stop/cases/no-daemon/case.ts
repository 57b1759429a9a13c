import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';

export const stopCase: StopCase = {
  title: 'Without a running daemon, nothing is requested or signaled, and the result is ok',
  run: async (world) => {
    let asked = 0;
    const { result, events } = await world.stop({ gracefulStop: () => asked++ });
    assert.equal(asked, 0);
    assert.deepEqual(result.processes, []);
    assert.deepEqual([...new Set(events.map(({ step }) => step))], ['scan', 'verify', 'done']);
  },
};
