import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { PID_FILE_LIES, REMOVED_LIES } from '../../lib/pidFileLies';
import type { StopCase } from '../../lib/stopCase';

export const stopCase: StopCase = {
  title: 'Only the daemon is ended, regardless of the content of the PID file',
  run: async (world) => {
    for (const [name, lie] of Object.entries(PID_FILE_LIES)) {
      rmSync(world.pidFile, { recursive: true, force: true });
      lie(world);
      await world.daemon({ children: [{ kind: 'sleep' }] });
      const { result } = await world.stop({ pidFile: world.pidFile, dbPaths: [] });
      assert.equal(result.killed.length, 2, name);
      assert.equal(result.pidFile?.removed, REMOVED_LIES.includes(name), name);
    }
  },
};
