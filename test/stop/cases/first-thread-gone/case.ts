import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon whose first thread has ended while another is still running counts as alive, and is ended',
  run: async (world) => {
    const pid = await world.daemon({
      listen: PORT,
      lock: world.database,
      threads: true,
      children: [{ threads: true, session: true }],
    });
    await until('the end of the first threads', () => world.tree().every((each) => each.state === 'Z'));
    const { result } = await world.stop();
    assert.ok(result.killed.includes(pid));
    assert.equal(result.killed.length, 2);
  },
};
