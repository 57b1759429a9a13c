import assert from 'node:assert/strict';
import type { TortureCase } from '../../lib/tortureCase';

export const torture: TortureCase = {
  title: 'A daemon that listens nowhere is ended',
  run: async (world) => {
    await world.daemon({ lock: world.database, children: [{}] });
    const { result } = await world.stop({ port: 0 });
    assert.equal(result.port, undefined);
  },
};
