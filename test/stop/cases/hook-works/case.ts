import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon that exits on request gets no signal',
  run: async (world) => {
    const pid = await world.daemon({ listen: PORT, lock: world.database, http: 'ok' });
    const { result, events, signals } = await world.stop({ gracefulStop: world.askToShutDown, gracefulTimeoutMs: 10_000 });
    assert.deepEqual(signals, []);
    assert.deepEqual(result.processes[0]?.outcome, 'exited');
    assert.deepEqual([...new Set(events.map(({ step }) => step))], ['graceful', 'scan', 'verify', 'done']);
    assert.equal(world.fateOf(pid).at(-1), 'exited with 0');
  },
};
