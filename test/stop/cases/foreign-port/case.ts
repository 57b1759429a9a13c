import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Another program’s server on the port is reported, and left alone',
  run: async (world) => {
    const label = 'server';
    await world.bystander({ label, argv: [world.python, world.file('bystander.py')], env: { STOP_TEST_PORT: String(PORT) } });
    const { result } = await world.stop({}, { ok: false, portOpen: true });
    assert.deepEqual(result.killed, []);
    await world.daemon({ children: [{}] });
    await world.stop({}, { ok: false, portOpen: true });
  },
};
