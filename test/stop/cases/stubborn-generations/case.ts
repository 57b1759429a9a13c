import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';
import type { TreeSpec } from '../../lib/treeSpec';

export const stopCase: StopCase = {
  title: 'Eight generations that ignore SIGTERM do not each take their time in turn',
  run: async (world) => {
    const generation = (depth: number): TreeSpec => ({
      term: 'ignore',
      session: true,
      ...(depth > 0 && { children: [generation(depth - 1)] }),
    });
    await world.daemon({ listen: PORT, ...generation(7) });
    const { result } = await world.stop({ termTimeoutMs: 500 });
    assert.ok(result.ms < 500 * 8);
  },
};
