import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A listener that throws does not keep the daemon alive',
  run: async (world) => {
    await world.daemon({ listen: PORT, term: 'ignore' });
    await world.stop({
      onProgress: () => {
        throw new Error('not now');
      },
    });
  },
};
