import assert from 'node:assert/strict';
import type { TortureCase } from '../../lib/tortureCase';
import { PORT } from '../../lib/world';

export const torture: TortureCase = {
  title: 'A hook that kills the daemon itself leaves the rest of the tree to us',
  run: async (world) => {
    const pid = await world.daemon({
      listen: PORT,
      children: [{ session: true, term: 'ignore', lock: world.database }, { kind: 'sleep' }],
    });
    const { result } = await world.stop({ gracefulStop: () => world.end(pid), gracefulTimeoutMs: 20_000 });
    assert.equal(result.processes.find((each) => each.pid === pid)?.outcome, 'exited');
  },
};
