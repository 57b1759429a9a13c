import type { TortureCase } from '../../lib/tortureCase';
import { PORT } from '../../lib/world';

export const torture: TortureCase = {
  title: 'Whoever listens and throws does not keep the daemon alive',
  run: async (world) => {
    await world.daemon({ listen: PORT, term: 'ignore' });
    await world.stop({
      onProgress: () => {
        throw new Error('not now');
      },
    });
  },
};
