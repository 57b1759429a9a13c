import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A socket that a child has inherited, and listens on when the daemon is gone, is closed',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      term: 'exit',
      children: [{ label: 'heir', inheritSocket: true, session: true, term: 'ignore' }],
    });
    await world.stop();
  },
};
