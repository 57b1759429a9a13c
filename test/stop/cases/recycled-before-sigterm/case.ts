import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A PID that is reused by an unrelated process between the last look and SIGTERM is not signaled',
  run: async (world) => {
    const pid = await world.daemon({ listen: PORT, children: [{}] });
    let heirs = 0;
    await world.stop({
      onProgress: (event) => {
        if (event.step === 'terminate' && event.pid === pid && heirs++ === 0) world.recycleNow(pid, 'heir');
      },
    });
    assert.equal(heirs, 1);
  },
};
