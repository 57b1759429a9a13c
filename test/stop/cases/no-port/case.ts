import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';

export const stopCase: StopCase = {
  title: 'A daemon that does not listen on any port is ended',
  run: async (world) => {
    await world.daemon({ lock: world.database, children: [{}] });
    const { result } = await world.stop({ port: 0 });
    assert.equal(result.port, undefined);
  },
};
