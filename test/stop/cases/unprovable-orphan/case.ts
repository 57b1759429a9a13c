import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'An orphan that nothing links to the daemon is not guessed at: the open port is reported',
  run: async (world) => {
    const pid = await world.daemon({
      listen: PORT,
      children: [{ label: 'orphan', inheritSocket: true, doubleFork: true, session: true }],
    });
    await world.end(pid);
    const [orphan] = world.tree();
    assert.ok(orphan);
    world.spare('orphan', orphan.pid);
    const { result } = await world.stop({}, { ok: false, portOpen: true });
    assert.deepEqual(result.killed, []);
  },
};
