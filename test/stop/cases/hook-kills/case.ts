import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'If a hook kills the daemon itself, the rest of the tree is still ended',
  run: async (world) => {
    const pid = await world.daemon({
      listen: PORT,
      children: [{ session: true, term: 'ignore', lock: world.database }, { kind: 'sleep' }],
    });
    const { result } = await world.stop({ gracefulStop: () => world.end(pid), gracefulTimeoutMs: 20_000 });
    assert.equal(result.processes.find((each) => each.pid === pid)?.outcome, 'exited');
  },
};
