import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Two daemons, one of them started by the other, are both ended',
  run: async (world) => {
    await world.daemon({ listen: PORT, children: [{ script: 'ipfs_kit_daemon.py', session: true, children: [{}] }] });
    await world.daemon({ lock: world.database, term: 'ignore', children: [{ kind: 'sleep' }] }, { session: true });
    const { result } = await world.stop();
    assert.equal(result.killed.length, 5);
  },
};
