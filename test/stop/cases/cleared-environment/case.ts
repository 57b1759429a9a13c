import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };
const env = { [envMarker.name]: envMarker.value };

export const stopCase: StopCase = {
  title: 'A child with a cleared environment is found as long as its relatives are visible',
  run: async (world) => {
    await world.daemon(
      {
        listen: PORT,
        children: [{ clearEnv: true, session: true, children: [{ kind: 'sleep', clearEnv: true, session: true }] }],
      },
      { env },
    );
    await world.stop({ envMarker });
  },
};
