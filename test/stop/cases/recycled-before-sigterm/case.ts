import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A pid that passes to a stranger between the last look and SIGTERM is not signalled',
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
