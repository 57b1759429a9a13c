import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon that confirms the shutdown but does not exit is ended when its time is up',
  run: async (world) => {
    await world.daemon({ listen: PORT, http: 'lie', children: [{}] });
    const { result } = await world.stop({ gracefulStop: world.askToShutDown, gracefulTimeoutMs: 400 });
    assert.ok(result.ms >= 400);
    assert.ok(world.log().some((line) => line.endsWith(' asked')));
  },
};
