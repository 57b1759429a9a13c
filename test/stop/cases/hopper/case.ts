import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };
const env = { [envMarker.name]: envMarker.value };

export const stopCase: StopCase = {
  title: 'A process that replaces itself with its own child thirty times a second is caught',
  run: async (world) => {
    const pid = await world.daemon({ listen: PORT, children: [{ term: 'ignore', label: 'hopper', hopEveryS: 0.03 }] }, { env });
    await until('the first hop', () => world.tree().some(({ pid: each, ppid }) => each !== pid && ppid !== pid));
    await world.stop({ envMarker }, { killed: 'at-least', fleeting: (each) => each.pid !== pid });
  },
};
