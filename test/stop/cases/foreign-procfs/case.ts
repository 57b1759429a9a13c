import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A caller whose procfs shows the processes of another namespace sends no signal, and says so',
  run: async (world) => {
    await world.daemon({ listen: PORT, children: [{}] });
    for (const { pid } of world.tree()) world.spare(`tree ${String(pid)}`, pid);
    const { result, signals } = await world.callElsewhere(
      {},
      { below: (runs) => world.other({ argv: ['unshare', '--pid', '--fork', '--kill-child', ...runs] }) },
    );
    assert.deepEqual(signals, []);
    assert.deepEqual(result.killed, []);
    assert.equal(result.ok, false);
    assert.equal(result.portOpen, true);
    await until('the end of the caller', () => world.tree().length === 0);
  },
};
