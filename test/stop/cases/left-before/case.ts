import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };
const env = { [envMarker.name]: envMarker.value };

export const stopCase: StopCase = {
  title: 'A child that moved to its own session by double fork, under another name, is found by the marker',
  run: async (world) => {
    await world.daemon(
      {
        listen: PORT,
        children: [
          { kind: 'sleep', argv0: 'ipfs', doubleFork: true, session: true },
          { doubleFork: true, session: true, term: 'ignore' },
        ],
      },
      { env, session: true },
    );
    const { result } = await world.stop({ envMarker });
    assert.deepEqual(result.processes.map(({ link }) => link).sort(), ['daemon', 'marker', 'marker']);
  },
};
