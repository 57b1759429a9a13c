import assert from 'node:assert/strict';
import path from 'node:path';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';

export const stopCase: StopCase = {
  title: 'A daemon that a service manager restarts each time does not make the stop endless; the manager is left alone',
  run: async (world) => {
    const daemon = [
      world.python,
      path.join(world.app, 'ipfs_kit_daemon.py'),
      '--spec',
      JSON.stringify({ log: world.file('tree.log') }),
    ];
    const label = 'manager';
    await world.bystander({
      label,
      argv: [world.python, world.file('bystander.py')],
      env: { STOP_TEST_MANAGES: JSON.stringify(daemon) },
    });
    await until('the daemon', () => world.tree().length === 1);
    const { result } = await world.callElsewhere({ termTimeoutMs: 300, killTimeoutMs: 700 });
    assert.ok(result.ms < 10_000);
    assert.ok(result.killed.length <= 1, 'those that came later did not live at the call');
  },
};
