import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { decoyScript, disguisedBystander, signsAtSteps } from '../../lib/disguise';
import { sleep } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title:
    'Processes that switch from another program to the daemon’s command line while the daemon is being stopped, are not signaled',
  run: async (world) => {
    const runs = [world.python, decoyScript(world)];
    const steps = ['asked', 'first scan', 'scan', 'terminate', 'kill', 'verify'];
    const heirs = await Promise.all(steps.map(async (step) => ({ step, ...(await disguisedBystander(world, step, { runs })) })));
    await sleep(1100); // The rules for processes that have just been started must not apply to these.
    await world.daemon({ listen: PORT, term: 'ignore', children: [{}, { term: 'ignore' }] });
    const signs = signsAtSteps(heirs);
    let asked = 0;
    const { result } = await world.stop({
      confirm: () => {
        asked++;
        signs.at('asked');
        return Promise.resolve(true);
      },
      onProgress: signs.onProgress,
    });
    assert.deepEqual(signs.steps(), steps);
    assert.equal(asked, 1);
    assert.equal(result.killed.length, 3);
  },
};
