import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };
const env = { [envMarker.name]: envMarker.value };

export const stopCase: StopCase = {
  title: 'Of a colony that multiplies again as soon as there is room, not one is forgotten',
  run: async (world) => {
    await world.daemon(
      { listen: PORT, term: 'ignore', children: [{ term: 'ignore', label: 'colony', colony: { most: 25 } }] },
      { env },
    );
    await until('the colony', () => world.tree().length >= 25);
    await world.stop({ envMarker }, { killed: 'at-least' });
  },
};
