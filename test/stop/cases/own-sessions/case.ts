import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';
import type { TreeSpec } from '../../lib/treeSpec';

export const stopCase: StopCase = {
  title: 'Children in separate sessions are found over six generations',
  run: async (world) => {
    const generation = (depth: number): TreeSpec =>
      depth === 0 ? { kind: 'sleep', argv0: 'ipfs', session: true } : { session: true, children: [generation(depth - 1)] };
    await world.daemon({ listen: PORT, children: [generation(4), { group: true, kind: 'sleep' }] });
    await world.stop();
  },
};
