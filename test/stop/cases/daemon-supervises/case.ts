import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon that starts its children again while it refuses to leave is ended with all of them',
  run: async (world) => {
    await world.daemon(
      {
        listen: PORT,
        supervise: true,
        term: 'stay',
        children: [{ term: 'exit' }, { kind: 'sleep', session: true, times: 4 }, { kind: 'sleep', doubleFork: true }],
      },
      { session: true },
    );
    await world.stop();
  },
};
