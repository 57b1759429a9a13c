import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { jobOf } from '../../lib/job';
import { sleep } from '../../lib/wait';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };

export const stopCase: StopCase = {
  title: 'Processes that an unrelated one leaves in its session, after it reused the PID of an ended leader, are not signaled',
  run: async (world) => {
    const pid = await world.daemon(
      { listen: PORT, term: 'ignore', children: [{ kind: 'program', argv: ['setsid', 'sleep', '1000'], doubleFork: true }] },
      { env: { [envMarker.name]: envMarker.value } },
    );
    const leader = world.tree().find((each) => each.pid !== pid) ?? assert.fail('no leader');
    const gracefulStop = async (): Promise<void> => {
      await world.end(leader.pid);
      await sleep(60); // Time in which its end is noticed.
      await jobOf(world, { nextPid: leader.pid, label: 'left-behind' });
      await sleep(600); // Time in which the other process is recognized as a stranger.
      await world.end(leader.pid);
      throw new Error('It does not answer.');
    };
    const candidates = (): Promise<'unknown'> => Promise.resolve('unknown'); // No `ps` must be started, which could be assigned the PID.
    const { result } = await world.stop({ envMarker, gracefulStop, candidates, gracefulTimeoutMs: 20_000 });
    assert.deepEqual(result.processes.map(({ link }) => link).sort(), ['daemon', 'marker']);
    assert.equal(result.killed.length, 2);
  },
};
