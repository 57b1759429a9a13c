import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A Kubo that the daemon starts during its exit, and waits for, gets its own SIGTERM and its own time',
  run: async (world) => {
    const kubo = { label: 'kubo', term: 'writes', slowS: 0.6, repository: world.file('repository') } as const;
    const pid = await world.daemon({ listen: PORT, term: 'stay', onTerm: [kubo] });
    const { result, signals } = await world.stop({ termTimeoutMs: 800, kuboIdleMs: 500 });
    const newborn = result.processes.find((entry) => entry.newborn);
    assert.ok(world.log().includes(`kubo ${String(newborn?.pid)} clean`));
    assert.deepEqual(
      signals.filter((signal) => signal.pid === newborn?.pid).map(({ signal }) => signal),
      ['SIGTERM'],
    );
    assert.deepEqual(result.forced, [pid]);
    assert.match(result.summary, /Ended 1 process and killed 1\.$/);
  },
};
