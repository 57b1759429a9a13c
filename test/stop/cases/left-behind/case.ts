import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };
const env = { [envMarker.name]: envMarker.value };

export const stopCase: StopCase = {
  title: 'Processes that a daemon left behind are found by the marker long after the daemon has exited',
  run: async (world) => {
    const pid = await world.daemon(
      {
        children: [
          { kind: 'sleep', argv0: 'ipfs', session: true },
          { doubleFork: true, session: true, children: [{ kind: 'sleep', clearEnv: true }] },
        ],
      },
      { env, session: true },
    );
    await world.end(pid);
    const { result } = await world.stop({ envMarker });
    assert.equal(result.killed.length, 3);
  },
};
