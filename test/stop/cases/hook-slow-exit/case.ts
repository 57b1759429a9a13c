import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon that takes a while to exit after the request gets its full time',
  run: async (world) => {
    const pid = await world.daemon({ listen: PORT, http: 'ok', slowS: 1, lock: world.database, children: [{ kind: 'sleep' }] });
    const { result } = await world.stop({ gracefulStop: world.askToShutDown, gracefulTimeoutMs: 20_000 });
    assert.ok(result.ms >= 1000);
    assert.equal(world.fateOf(pid).at(-1), 'exited with 0');
  },
};
