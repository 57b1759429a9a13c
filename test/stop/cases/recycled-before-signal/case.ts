import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A PID that is reused by an unrelated process between the last look and SIGKILL is not signaled',
  run: async (world) => {
    const pid = await world.daemon({ listen: PORT, term: 'ignore', children: [{ term: 'ignore' }] });
    let heirs = 0;
    const { result } = await world.stop({
      onProgress: (event) => {
        if (event.step === 'kill' && event.pid === pid && heirs++ === 0) world.recycleNow(pid, 'heir');
      },
    });
    assert.equal(heirs, 1);
    assert.equal(result.killed.length, 2);
    assert.notEqual(result.processes.find((each) => each.pid === pid)?.outcome, 'killed', 'that was not us');
  },
};
