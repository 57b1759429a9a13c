import assert from 'node:assert/strict';
import type { TortureCase } from '../../lib/tortureCase';
import { PORT } from '../../lib/world';

export const torture: TortureCase = {
  title: 'A request to shut down that never answers ends with its time',
  run: async (world) => {
    await world.daemon({ listen: PORT, http: 'hang', children: [{}] });
    const { events } = await world.stop({ gracefulStop: world.askToShutDown, gracefulTimeoutMs: 400 });
    assert.ok(events.some(({ step }) => step === 'terminate'));
  },
};
