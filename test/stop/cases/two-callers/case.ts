import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Two stops at once, from two processes, both end well',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      lock: world.database,
      term: 'ignore',
      children: [{ supervise: true, session: true, children: [{ kind: 'sleep', times: 5 }] }],
    });
    const before = world.tree().map(({ pid }) => pid);
    const both = await Promise.all([world.callElsewhere({ termTimeoutMs: 800 }), world.callElsewhere({ termTimeoutMs: 800 })]);
    await world.checkTree();
    for (const { result } of both) {
      assert.equal(result.ok, true, result.summary);
      assert.deepEqual(result.survivors, []);
      assert.ok(result.killed.every((pid) => before.includes(pid) || result.processes.some((each) => each.pid === pid)));
    }
    const killed = new Set(both.flatMap(({ result }) => result.killed));
    assert.deepEqual(
      before.filter((pid) => !killed.has(pid)),
      [],
    );
  },
};
