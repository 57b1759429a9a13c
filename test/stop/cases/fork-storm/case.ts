import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A process that forks a child which ignores signals every few milliseconds is ended with all its children',
  run: async (world) => {
    const pid = await world.daemon({
      listen: PORT,
      term: 'ignore',
      children: [{ label: 'storm', term: 'ignore', session: true, storm: { perSecond: 200, most: 3000, lifeS: 0.3 } }],
    });
    await until('the storm', () => world.tree().length > 20);
    await world.stop({}, { killed: 'at-least', fleeting: (each) => each.pid !== pid && each.ppid !== pid });
  },
};
