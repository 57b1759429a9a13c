import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Of hundreds of forked children that stay, not one is forgotten',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      term: 'ignore',
      children: [{ label: 'storm', term: 'ignore', storm: { perSecond: 100, most: 600, lifeS: 100 } }],
    });
    await until('the storm', () => world.tree().length > 20);
    await world.stop({}, { killed: 'at-least' });
  },
};
