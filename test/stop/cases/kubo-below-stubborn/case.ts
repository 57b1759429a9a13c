import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A Kubo below a daemon that has to be killed gets its own SIGTERM afterwards, and its own time',
  run: async (world) => {
    const repository = world.file('repository');
    const pid = await world.daemon({
      listen: PORT,
      term: 'ignore',
      children: [{ label: 'kubo', session: true, term: 'writes', slowS: 1, repository }, { term: 'ignore' }],
    });
    const { result, signals } = await world.stop({ termTimeoutMs: 200, kuboIdleMs: 500 });
    const kubo = Number(
      world
        .log()
        .find((line) => /^kubo \d+ clean$/.test(line))
        ?.split(' ')[1],
    );
    assert.deepEqual(
      signals.filter((signal) => signal.pid === kubo).map(({ signal }) => signal),
      ['SIGTERM'],
    );
    assert.equal(result.forced?.length, 2);
    assert.ok(result.forced.includes(pid));
    assert.match(result.summary, /Ended 1 process and killed 2\.$/);
  },
};
