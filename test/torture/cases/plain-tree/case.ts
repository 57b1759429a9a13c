import type { TortureCase } from '../../lib/tortureCase';
import { PORT } from '../../lib/world';

export const torture: TortureCase = {
  title: 'A daemon, its children and theirs are ended, and nobody else is touched',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      lock: world.database,
      children: [{ children: [{}, { kind: 'sleep', argv0: 'ipfs' }] }, { kind: 'sleep' }, { kind: 'fork' }],
    });
    await world.stop();
  },
};
