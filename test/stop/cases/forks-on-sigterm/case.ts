import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };
const env = { [envMarker.name]: envMarker.value };

export const stopCase: StopCase = {
  title: 'A child that is forked by the handler of SIGTERM does not outlive the tree',
  run: async (world) => {
    await world.daemon(
      {
        listen: PORT,
        term: 'exit',
        onTerm: [
          { label: 'late', term: 'ignore', session: true },
          { kind: 'sleep', term: 'ignore' },
        ],
        children: [{ term: 'exit', onTerm: [{ kind: 'sleep', session: true, times: 3 }] }],
      },
      { env },
    );
    await world.stop({ envMarker });
  },
};
