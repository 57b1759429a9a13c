import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { decoyScript, disguisedBystander, signsAtSteps } from '../../lib/disguise';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A process that takes over the daemon’s name, port and database once the daemon is gone is reported, and left alone',
  run: async (world) => {
    const words = [world.python, decoyScript(world)];
    const disguise = { words, port: PORT, lock: world.database, comm: 'python3' };
    const heir = await disguisedBystander(world, 'heir', disguise);
    await world.daemon({ listen: PORT, lock: world.database, children: [{ term: 'ignore' }] });
    const { onProgress, steps } = signsAtSteps([{ step: 'verify', ...heir }]);
    const { result } = await world.stop({ onProgress }, { ok: false, portOpen: true, dbLockers: [heir.pid] });
    assert.deepEqual(steps(), ['verify']);
    assert.equal(result.killed.length, 2);
    assert.match(result.summary, /port 8774 is still open/);
  },
};
