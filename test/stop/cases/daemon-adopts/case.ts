import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Orphans that the daemon itself takes in, as a sub-reaper, are ended with it; bystanders in its group are not',
  run: async (world) => {
    const pid = await world.daemon({
      listen: PORT,
      subreaper: true,
      term: 'ignore',
      children: [
        { kind: 'sleep', doubleFork: true, session: true, clearEnv: true },
        { ends: true, session: true, children: [{ term: 'ignore', doubleFork: true, session: true }] },
      ],
    });
    await until('the adoptions', () => world.tree().filter(({ ppid }) => ppid === pid).length === 2);
    const { result } = await world.stop();
    assert.equal(result.killed.length, 3);
    assert.ok(result.processes.filter(({ link }) => link === 'child').length === 2);
  },
};
