import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { PID_FILE_LIES, REMOVED_LIES } from '../../lib/pidFileLies';
import type { StopCase } from '../../lib/stopCase';

export const stopCase: StopCase = {
  title: 'No process is signaled where no daemon runs, regardless of the content of the PID file',
  run: async (world) => {
    for (const [name, lie] of Object.entries(PID_FILE_LIES)) {
      rmSync(world.pidFile, { recursive: true, force: true });
      lie(world);
      const wasThere = existsSync(world.pidFile);
      const { result } = await world.stop({ pidFile: world.pidFile, port: 0, dbPaths: [] });
      assert.deepEqual(result.processes, [], name);
      assert.equal(result.pidFile?.removed, REMOVED_LIES.includes(name), name);
      assert.equal(existsSync(world.pidFile), wasThere && !REMOVED_LIES.includes(name), name);
    }
  },
};
