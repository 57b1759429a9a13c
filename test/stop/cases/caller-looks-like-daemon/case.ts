import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A caller that looks like the daemon, below a program that does too, ends the real one and itself remains',
  run: async (world) => {
    let ancestor = 0;
    await world.daemon({ listen: PORT, lock: world.database, term: 'ignore', children: [{ session: true }] });
    const before = world.tree();
    const observation = await world.callElsewhere(
      {},
      {
        extraArguments: ['ipfs_kit_daemon.py', 'daemon', 'start'],
        below: async (runs) => {
          ancestor = await world.daemon({ label: 'ancestor', runs });
          world.spare('ancestor', ancestor);
          return ancestor;
        },
      },
    );
    await until('the end of the caller', () => world.log().some((line) => line.endsWith(' its program ended with 0')));
    await world.checkTree();
    world.checkObservation(observation, before);
    assert.ok(!observation.result.processes.some(({ pid }) => pid === ancestor));
    assert.ok(
      observation.result.notes.some((note) => note.includes(String(ancestor))),
      'it is said',
    );
  },
};
