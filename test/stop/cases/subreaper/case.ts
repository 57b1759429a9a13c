import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Orphans that are adopted by a process other than init are ended, and that process is left alone',
  run: async (world) => {
    const code = `import ctypes; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0); exec(open(${JSON.stringify(world.file('bystander.py'))}).read())`;
    const spec = world.file('reaped.json');
    const ready = world.file('reaped.ready');
    writeFileSync(
      spec,
      JSON.stringify({
        log: world.file('tree.log'),
        ready,
        listen: PORT,
        term: 'exit',
        children: [
          { term: 'ignore', session: true },
          { ends: true, children: [{ kind: 'sleep' }] },
        ],
      }),
    );
    const daemon = [world.python, path.join(world.app, 'ipfs_kit_daemon.py'), '--spec', spec];
    await world.bystander({
      label: 'subreaper',
      argv: [world.python, '-c', code],
      env: { STOP_TEST_CARELESS: JSON.stringify(['setsid', ...daemon]) },
      cwd: world.folder,
    });
    await until('the tree', () => existsSync(ready) && world.tree().length === 3);
    const { result } = await world.stop();
    assert.equal(result.killed.length, 3);
  },
};
