import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Children whose parent has ended are found by the session that it led',
  run: async (world) => {
    await world.daemon(
      {
        listen: PORT,
        children: [
          {
            ends: true,
            children: [
              { kind: 'sleep', argv0: 'orphan' },
              { term: 'ignore', label: 'orphan' },
            ],
          },
        ],
      },
      { session: true },
    );
    await until('the parent to end', () => world.tree().length === 3);
    const { result } = await world.stop();
    assert.equal(result.killed.length, 3);
  },
};
