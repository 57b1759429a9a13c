import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Children that a supervisor starts again and again are ended with it',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      children: [
        {
          supervise: true,
          term: 'ignore',
          session: true,
          children: [
            { kind: 'sleep', times: 3 },
            { kind: 'sleep', session: true, times: 3 },
          ],
        },
      ],
    });
    await world.stop();
  },
};
