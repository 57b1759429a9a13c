import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Two watchers, each of which starts the other again, are ended together',
  run: async (world) => {
    await world.daemon({ listen: PORT, children: [{ watch: true, session: true, label: 'watcher' }] });
    const { result } = await world.stop();
    assert.ok(result.killed.length >= 3);
  },
};
