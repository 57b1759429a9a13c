import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A shutdown request without a response ends when its time is up',
  run: async (world) => {
    await world.daemon({ listen: PORT, http: 'hang', children: [{}] });
    const { events } = await world.stop({ gracefulStop: world.askToShutDown, gracefulTimeoutMs: 400 });
    assert.ok(events.some(({ step }) => step === 'terminate'));
  },
};
