import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon that takes 3 of its 5 seconds for a clean exit is not killed',
  run: async (world) => {
    const pid = await world.daemon({ listen: PORT, lock: world.database, term: 'slowly', slowS: 3 });
    const { result, signals } = await world.stop({ termTimeoutMs: 5000 });
    assert.ok(result.ms >= 2900);
    assert.deepEqual(
      signals.map(({ signal }) => signal),
      ['SIGTERM'],
    );
    assert.deepEqual(world.fateOf(pid).at(-1), 'exited with 0');
    assert.ok(world.log().includes(`daemon ${String(pid)} clean`));
  },
};
