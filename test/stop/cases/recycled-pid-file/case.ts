import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import type { StopCase } from '../../lib/stopCase';

export const stopCase: StopCase = {
  title: 'A PID file that names a PID that was reused has no effect',
  run: async (world) => {
    const pid = await world.daemon({});
    writeFileSync(world.pidFile, String(pid));
    await world.end(pid);
    const label = 'heir';
    assert.equal(await world.bystander({ label, argv: [world.python, world.file('bystander.py')], nextPid: pid }), pid);
    const { result } = await world.stop({ pidFile: world.pidFile });
    assert.deepEqual(result.killed, []);
    assert.equal(result.pidFile?.removed, false);
    assert.ok(existsSync(world.pidFile));
  },
};
