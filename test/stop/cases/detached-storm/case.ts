import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };
const env = { [envMarker.name]: envMarker.value };

export const stopCase: StopCase = {
  title: 'A process that keeps forking into new sessions is ended with all its children, by the marker',
  run: async (world) => {
    const pid = await world.daemon(
      {
        listen: PORT,
        term: 'ignore',
        children: [{ label: 'storm', term: 'ignore', storm: { perSecond: 60, most: 2000, lifeS: 0.4, detach: true } }],
      },
      { env },
    );
    await until('the storm', () => world.tree().length > 10);
    await world.stop({ envMarker }, { killed: 'at-least', fleeting: (each) => each.pid !== pid && each.ppid !== pid });
  },
};
