import assert from 'node:assert/strict';
import type { TortureCase } from '../../lib/tortureCase';
import { PORT } from '../../lib/world';

export const torture: TortureCase = {
  title: 'A second stop finds nothing to do',
  run: async (world) => {
    await world.daemon({ listen: PORT, lock: world.database, children: [{ term: 'ignore' }] });
    await world.stop();
    const { result } = await world.stop();
    assert.deepEqual(result.processes, []);
  },
};
