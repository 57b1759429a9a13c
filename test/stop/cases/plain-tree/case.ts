import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon, its children and grandchildren are ended, and nothing else is touched',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      lock: world.database,
      children: [{ children: [{}, { kind: 'sleep', argv0: 'ipfs' }] }, { kind: 'sleep' }, { kind: 'fork' }],
    });
    await world.stop();
  },
};
