import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon and a child that ignore SIGTERM get their time, then SIGKILL',
  run: async (world) => {
    const pid = await world.daemon({
      listen: PORT,
      term: 'ignore',
      children: [{ term: 'ignore', session: true, lock: world.database }],
    });
    const { result, events } = await world.stop();
    assert.ok(result.ms >= 300, 'the time that was promised to them');
    assert.deepEqual(
      result.processes.map(({ outcome }) => outcome),
      ['killed', 'killed'],
    );
    assert.ok(events.some((event) => event.step === 'kill' && event.pid === pid));
    assert.deepEqual(world.fateOf(pid).at(-1), 'killed by SIGKILL');
  },
};
