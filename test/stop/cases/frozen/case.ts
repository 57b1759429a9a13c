import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A tree that is stopped by SIGSTOP exits cleanly',
  run: async (world) => {
    const pid = await world.daemon({
      listen: PORT,
      lock: world.database,
      term: 'exit',
      freeze: true,
      children: [{ label: 'child', term: 'exit', freeze: true }],
    });
    await until('the freeze', () => world.tree().every(({ state }) => state === 'T'));
    const { result } = await world.stop({ termTimeoutMs: 5000 });
    assert.deepEqual(
      result.processes.map(({ outcome }) => outcome),
      ['terminated', 'terminated'],
    );
    assert.equal(world.log().filter((line) => line.endsWith(' clean')).length, 2);
    assert.equal(world.fateOf(pid).at(-1), 'exited with 0');
  },
};
