import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A Kubo below the daemon that is still writing is not killed: it exits by itself, regardless of the time for the others',
  run: async (world) => {
    const repository = world.file('repository');
    await world.daemon({ listen: PORT, children: [{ label: 'kubo', session: true, term: 'writes', slowS: 1.5, repository }] });
    const { result, signals, events } = await world.stop({ termTimeoutMs: 300, kuboIdleMs: 500 });
    assert.deepEqual([...new Set(signals.map(({ signal }) => signal))], ['SIGTERM']);
    assert.deepEqual(result.forced, []);
    assert.ok(world.log().some((line) => /^kubo \d+ clean$/.test(line)));
    assert.ok(events.some(({ message, waitedMs }) => waitedMs !== undefined && /^Kubo is still writing: \d+ s$/.test(message)));
  },
};
