import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };
const env = { [envMarker.name]: envMarker.value };

export const stopCase: StopCase = {
  title: 'Children that leave by double fork while the daemon is being stopped are found by the marker',
  run: async (world) => {
    await world.daemon(
      {
        listen: PORT,
        http: 'ok',
        term: 'exit',
        children: [
          {
            label: 'leaver',
            term: 'exit',
            onTerm: [
              { kind: 'sleep', argv0: 'ipfs', doubleFork: true, session: true, term: 'ignore' },
              { doubleFork: true, session: true },
            ],
          },
        ],
      },
      { env },
    );
    const { result } = await world.stop({ envMarker, gracefulStop: world.askToShutDown });
    assert.ok(result.processes.filter(({ newborn }) => newborn).length >= 2);
  },
};
