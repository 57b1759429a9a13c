import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Two watchers that ignore SIGTERM and start each other again are ended together',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      term: 'ignore',
      children: [{ watch: true, session: true, term: 'ignore', label: 'watcher' }],
    });
    const { result } = await world.stop();
    assert.ok(result.killed.length >= 3);
  },
};
