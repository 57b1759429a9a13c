import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'The tree is ended even without ps',
  run: async (world) => {
    process.env['PATH'] = '';
    await world.daemon({ listen: PORT, lock: world.database, term: 'ignore', children: [{ session: true, children: [{}] }] });
    await world.stop();
    await world.stop();
    process.env['PATH'] = world.file('nowhere');
    await world.daemon({ listen: PORT, children: [{}] });
    const before = world.tree();
    const observation = await world.callElsewhere();
    await world.checkTree();
    world.checkObservation(observation, before);
  },
};
