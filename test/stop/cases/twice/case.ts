import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A second stop finds nothing to do',
  run: async (world) => {
    await world.daemon({ listen: PORT, lock: world.database, children: [{ term: 'ignore' }] });
    await world.stop();
    const { result } = await world.stop();
    assert.deepEqual(result.processes, []);
  },
};
