import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { disguisedBystander } from '../../lib/disguise';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A process that joins a process group of the tree while the daemon is being stopped is not taken for a part of it',
  run: async (world) => {
    await world.daemon({ listen: PORT, term: 'ignore', children: [{ group: true, term: 'ignore', label: 'leader' }, {}] });
    const leader = world.tree().find(({ pid, pgid }) => pid === pgid)?.pid ?? assert.fail('no leader');
    const labels = ['at-scan', 'at-terminate', 'at-kill'];
    const joiners = await Promise.all(
      labels.map(async (label) => ({ label, ...(await disguisedBystander(world, label, { group: leader })) })),
    );
    const given = new Set<string>();
    const { result } = await world.stop({
      onProgress: ({ step }) => {
        for (const { label, give } of joiners)
          if (label === `at-${step}` && !given.has(label)) {
            given.add(label);
            give();
          }
      },
    });
    assert.equal(given.size, 3);
    assert.equal(result.killed.length, 3);
  },
};
