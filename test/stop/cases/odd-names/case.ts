import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Processes that give themselves names with brackets, spaces and numbers are parsed correctly',
  run: async (world) => {
    await world.daemon({
      listen: PORT,
      comm: ') Z 1 1 (x',
      children: [
        { comm: 'a) R 1 (b' },
        { comm: '1', session: true, children: [{ kind: 'sleep', argv0: ' ' }] },
        { kind: 'sleep', argv0: 'two\nlines' },
      ],
    });
    const { result } = await world.stop();
    assert.equal(result.killed.length, 5);
  },
};
