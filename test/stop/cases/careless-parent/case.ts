import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readProcess } from '../../lib/procfs';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon that stays a zombie, because its parent does not reap it, counts as gone; the parent is left alone',
  run: async (world) => {
    const pid = await world.daemon({ listen: PORT, lock: world.database, children: [{}] }, { carelessParent: true });
    writeFileSync(world.pidFile, String(pid));
    const { result } = await world.stop({ pidFile: world.pidFile });
    assert.equal(result.pidFile?.removed, true);
    assert.equal(readProcess(pid)?.state, 'gone', 'it is a zombie');
    await world.stop();
  },
};
