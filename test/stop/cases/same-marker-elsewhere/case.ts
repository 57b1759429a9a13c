import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };
const env = { [envMarker.name]: envMarker.value };

export const stopCase: StopCase = {
  title: 'A marker that only resembles ours has no effect',
  run: async (world) => {
    const argv = [world.python, world.file('bystander.py')];
    await world.bystander({ label: 'longer value', argv, env: { [envMarker.name]: `${envMarker.value}0` } });
    await world.bystander({ label: 'longer name', argv, env: { [`X${envMarker.name}`]: envMarker.value } });
    await world.bystander({ label: 'in a text', argv, env: { TEXT: `${envMarker.name}=${envMarker.value}` } });
    await world.bystander({ label: 'in arguments', argv: [...argv, `${envMarker.name}=${envMarker.value}`] });
    await world.daemon({ listen: PORT, children: [{}] }, { env });
    await world.stop({ envMarker });
  },
};
