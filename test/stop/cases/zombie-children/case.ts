import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Children that had ended before the call are not counted as ended by it',
  run: async (world) => {
    await world.daemon({ listen: PORT, zombies: 5, children: [{ zombies: 2 }] });
    await until('the children to end', () => world.tree().length === 2);
    const { result } = await world.stop();
    assert.equal(result.killed.length, 2);
    assert.equal(result.processes.length, 2);
  },
};
