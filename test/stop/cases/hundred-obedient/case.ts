import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A hundred processes that exit on SIGTERM are not killed',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      children: [
        { kind: 'sleep', times: 50 },
        { kind: 'sleep', session: true, times: 49 },
      ],
    });
    const { result, signals } = await world.stop({ termTimeoutMs: 5000 });
    assert.equal(result.killed.length, 100);
    assert.ok(signals.every(({ signal }) => signal !== 'SIGKILL'));
    // Processes that have lost their parent are stopped while they are inspected. One that isn't stopped yet ends by SIGTERM before SIGCONT.
    for (const each of result.processes) assert.match(each.signals.join(' '), /^(SIGSTOP )?SIGTERM( SIGCONT)?$/);
  },
};
