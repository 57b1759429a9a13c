import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { signFor } from '../../lib/disguise';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon and children that rename themselves, or become other programs, after they were seen are ended anyway',
  run: async (world) => {
    const [daemon, renamed, moved, executed] = ['daemon', 'renamed', 'moved', 'executed'].map((label) => signFor(world, label));
    assert.ok(daemon && renamed && moved && executed);
    const words = ['vim', 'notes.txt'];
    await world.daemon({
      listen: PORT,
      term: 'ignore',
      disguise: { ...daemon, words, comm: ') S 1 1 (vim' },
      children: [
        { term: 'ignore', disguise: { ...renamed, words, environment: ['A=1'] } },
        { term: 'ignore', session: true, disguise: { ...executed, runs: ['sh', '-c', `: >${executed.done}; exec sleep 1000`] } },
        {
          term: 'ignore',
          group: true,
          disguise: { ...moved, runs: ['sh', '-c', `: >${moved.done}; (exec setsid sleep 1000) & exec sleep 1000`] },
        },
      ],
    });
    let given = 0;
    const { result } = await world.stop(
      {
        confirm: () => {
          for (const { give } of [daemon, renamed, executed]) give();
          return Promise.resolve(true);
        },
        onProgress: ({ step }) => {
          if (step === 'terminate' && given++ === 0) moved.give();
        },
      },
      { killed: 'at-least' },
    );
    assert.equal(given > 0, true);
    assert.ok(result.killed.length >= 4);
  },
};
