import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';

export const stopCase: StopCase = {
  title: 'The daemon is asked first; its children only once it has exited',
  run: async (world) => {
    const pid = await world.daemon({ term: 'slowly', slowS: 0.4, children: [{ label: 'child', term: 'exit' }] });
    await world.stop({ termTimeoutMs: 3000 });
    const said = world.log().map((line) => line.replace(/ \d+ /, ' '));
    assert.deepEqual(said, ['daemon TERM', 'daemon clean', 'child TERM', 'child clean']);
    assert.deepEqual(world.fateOf(pid).at(-1), 'exited with 0');
  },
};
