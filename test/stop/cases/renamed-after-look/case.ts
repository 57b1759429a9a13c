import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { decoyScript, disguisedBystander, signsAtSteps } from '../../lib/disguise';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Processes that write the daemon’s command line over their own are not signaled, at any step',
  run: async (world) => {
    const words = [world.python, decoyScript(world)];
    const steps = ['asked', 'first scan', 'scan', 'terminate', 'kill', 'verify'];
    const decoys = await Promise.all(
      steps.flatMap((step) =>
        [true, false].map(async (session) => ({
          step,
          ...(await disguisedBystander(world, `${step}-${String(session)}`, { words, comm: 'python3' }, { session })),
        })),
      ),
    );
    await world.daemon({ listen: PORT, term: 'ignore', children: [{}, { term: 'ignore' }] });
    const signs = signsAtSteps(decoys);
    let asked = 0;
    const { result } = await world.stop({
      confirm: (found) => {
        asked++;
        assert.equal(found.length, 3);
        signs.at('asked');
        return Promise.resolve(true);
      },
      onProgress: signs.onProgress,
    });
    assert.deepEqual(signs.steps(), steps);
    assert.equal(asked, 1, 'a new name is no new daemon to be asked about');
    assert.equal(result.killed.length, 3);
  },
};
