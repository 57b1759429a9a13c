import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { disguisedBystander } from '../../lib/disguise';
import { PORT } from '../../lib/world';

const envMarker = { name: 'IPFS_KIT_SPAWN_ID', value: '5f0c2f6e-7a3b-4f3e-9d2c-8a1b0c9d7e6f' };
const mark = `${envMarker.name}=${envMarker.value}`;

export const stopCase: StopCase = {
  title:
    'A process that writes the mark of the daemon into its environment after the look is not signaled; a process that really has it is ended',
  run: async (world) => {
    const labels = ['asked', 'scan', 'kill'];
    const forgers = await Promise.all(
      labels.map(async (label) => ({ label, ...(await disguisedBystander(world, label, { environment: [mark] })) })),
    );
    await world.daemon(
      {
        listen: PORT,
        term: 'ignore',
        children: [{ kind: 'sleep', argv0: 'ipfs', doubleFork: true, session: true, term: 'ignore' }],
      },
      { env: { [envMarker.name]: envMarker.value }, session: true },
    );
    const given = new Set<string>();
    const giveAt = (here: string): void => {
      for (const { label, give } of forgers)
        if (label === here && !given.has(label)) {
          given.add(label);
          give();
        }
    };
    const { result } = await world.stop({
      envMarker,
      confirm: () => {
        giveAt('asked');
        return Promise.resolve(true);
      },
      onProgress: ({ step }) => giveAt(step),
    });
    assert.equal(given.size, 3);
    assert.deepEqual(result.processes.map(({ link }) => link).sort(), ['daemon', 'marker']);
  },
};
