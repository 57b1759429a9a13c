import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A caller in a container does not signal the daemon outside of it',
  run: async (world) => {
    await world.daemon({ listen: PORT, children: [{}] });
    for (const { pid } of world.tree()) world.spare(`tree ${String(pid)}`, pid);
    const { result, signals } = await world.callElsewhere(
      {},
      { below: (runs) => world.other({ argv: ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', ...runs] }) },
    );
    assert.deepEqual(signals, []);
    assert.deepEqual(result.processes, []);
    assert.equal(result.ok, false);
    await until('the end of the caller', () => world.tree().length === 0);
  },
};
