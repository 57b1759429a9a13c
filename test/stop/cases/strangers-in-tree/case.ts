import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { until } from '../../lib/wait';
import { PORT } from '../../lib/world';
import { hasOtherUsers } from '../../lib/bystanders';
import type { TreeSpec } from '../../lib/treeSpec';

export const stopCase: StopCase = {
  title: 'A container below the daemon, and its child under another user, are left alone and named',
  run: async (world) => {
    const uid = 65_534;
    const children: TreeSpec[] = [
      { kind: 'program', argv: ['unshare', '--pid', '--fork', 'tail', '-f', '/dev/null'], label: 'container' },
      { kind: 'sleep' },
      ...(hasOtherUsers() ? [{ label: 'other-user', uid }] : []),
    ];
    await world.daemon({ listen: PORT, children });
    await until('the container', () => world.tree().some(({ argv }) => argv[0] === 'tail'));
    const strangers = world
      .tree()
      .filter(({ argv }) => argv[0] === 'tail' || argv.some((each) => each.includes(`"uid": ${String(uid)}`)));
    assert.equal(strangers.length, hasOtherUsers() ? 2 : 1);
    for (const { pid } of strangers) world.spare(`stranger ${String(pid)}`, pid);
    const { result } = await world.stop();
    for (const { pid } of strangers)
      assert.ok(
        result.notes.some((note) => note.includes(String(pid))),
        result.notes.join(' '),
      );
  },
};
