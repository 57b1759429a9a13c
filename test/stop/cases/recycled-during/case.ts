import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A PID of a child that is reused by an unrelated process while the daemon is being stopped is not signaled',
  run: async (world) => {
    await world.daemon(
      { listen: PORT, term: 'ignore', supervise: true, children: [{ doubleFork: true, kind: 'sleep', argv0: 'ipfs' }] },
      { session: true },
    );
    const child = world.tree().find(({ argv }) => argv[0] === 'ipfs')?.pid ?? 0;
    const gracefulStop = async (): Promise<void> => {
      await world.end(child);
      assert.equal(
        await world.bystander({ label: 'heir', argv: [world.python, world.file('bystander.py')], nextPid: child }),
        child,
      );
      throw new Error('It does not answer.');
    };
    const { result } = await world.stop({ gracefulStop, gracefulTimeoutMs: 20_000 });
    assert.equal(result.killed.length, 2);
    assert.equal(result.processes.find(({ pid }) => pid === child)?.outcome, 'exited');
  },
};
