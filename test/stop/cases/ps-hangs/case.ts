import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A ps that hangs delays nothing, and does not keep the caller alive',
  run: async (world) => {
    const bin = world.file('bin');
    mkdirSync(bin);
    const usePs = (script: string): void => {
      writeFileSync(path.join(bin, 'ps'), `#!/bin/sh\n${script}\n`);
      chmodSync(path.join(bin, 'ps'), 0o755);
    };
    process.env['PATH'] = `${bin}:${process.env['PATH'] ?? ''}`;
    usePs('exec sleep 1000');
    await world.daemon({ listen: PORT, term: 'ignore', children: [{}] });
    await world.stop({ termTimeoutMs: 600 });
    await world.daemon({ listen: PORT, children: [{}] });
    const before = world.tree();
    const observation = await world.callElsewhere();
    // The `ps` of a caller that has exited is an orphan and not part of the tree.
    const orphan = world.tree().find(({ argv }) => argv.join(' ') === 'sleep 1000');
    if (orphan) world.spare('ps', orphan.pid);
    await world.checkTree();
    world.checkObservation(observation, before);
  },
};
