import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'The PID file of the daemon is removed once the daemon is gone, and no other file',
  run: async (world) => {
    const pid = await world.daemon({ listen: PORT, lock: world.database });
    writeFileSync(world.pidFile, `${String(pid)}\n`);
    const { result } = await world.stop({ pidFile: world.pidFile });
    assert.equal(result.pidFile?.removed, true);
    assert.ok(!existsSync(world.pidFile));
    assert.ok(existsSync(world.database));
  },
};
