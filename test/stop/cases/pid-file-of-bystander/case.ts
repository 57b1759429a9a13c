import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A PID file that names an unrelated process has no effect, and is kept',
  run: async (world) => {
    const label = 'accused';
    const pid = await world.bystander({ label, argv: [world.python, world.file('bystander.py')] });
    writeFileSync(world.pidFile, String(pid));
    await world.daemon({ listen: PORT, children: [{}] });
    const { result } = await world.stop({ pidFile: world.pidFile });
    assert.equal(result.pidFile?.removed, false);
    assert.ok(existsSync(world.pidFile));
  },
};
