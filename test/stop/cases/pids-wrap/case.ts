import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Children with lower PIDs than their parent, because PIDs have wrapped around, are found',
  run: async (world) => {
    const largest = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8'));
    const pid = await world.daemon(
      { listen: PORT, children: [{ children: [{ children: [{}] }] }, { term: 'ignore' }] },
      { nextPid: largest - 2 },
    );
    assert.equal(pid, largest - 2);
    const { result } = await world.stop();
    assert.equal(result.killed.length, 5);
    assert.ok(result.killed.some((each) => each < 10_000));
  },
};
