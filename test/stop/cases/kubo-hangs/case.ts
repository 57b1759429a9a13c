import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A Kubo that hangs is killed once it has been idle for the given time',
  run: async (world) => {
    const repository = world.file('repository');
    await world.daemon({ listen: PORT, children: [{ label: 'kubo', session: true, term: 'ignore', repository }] });
    const { result } = await world.stop({ termTimeoutMs: 100, kuboIdleMs: 700 });
    const [kubo] = result.processes.filter(({ outcome }) => outcome === 'killed');
    assert.deepEqual(result.forced, [kubo?.pid]);
    assert.ok((kubo?.ms ?? 0) >= 700);
  },
};
