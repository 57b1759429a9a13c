import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A Kubo that never stops writing is left to finish when the person cancels',
  run: async (world) => {
    const repository = world.file('repository');
    await world.daemon({ listen: PORT, children: [{ label: 'kubo', session: true, term: 'writes', slowS: 60, repository }] });
    const kubo = world.tree().find(({ sid, pid }) => sid === pid)?.pid ?? 0;
    const cancel = new AbortController();
    const options = { termTimeoutMs: 100, kuboIdleMs: 500, signal: cancel.signal };
    const { result } = await world.stop(
      { ...options, onProgress: ({ waitedMs }) => (waitedMs === undefined ? undefined : cancel.abort()) },
      { ok: false, survivors: [kubo] },
    );
    assert.match(result.processes.find(({ pid }) => pid === kubo)?.why ?? '', /left to finish/);
    await world.end(kubo);
  },
};
