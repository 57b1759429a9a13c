import assert from 'node:assert/strict';
import type { TortureCase } from '../../lib/tortureCase';
import { PORT } from '../../lib/world';

export const torture: TortureCase = {
  title: 'A daemon that says it will leave, and does not, is ended when its time is over',
  run: async (world) => {
    await world.daemon({ listen: PORT, http: 'lie', children: [{}] });
    const { result } = await world.stop({ gracefulStop: world.askToShutDown, gracefulTimeoutMs: 400 });
    assert.ok(result.ms >= 400);
    assert.ok(world.log().some((line) => line.endsWith(' asked')));
  },
};
