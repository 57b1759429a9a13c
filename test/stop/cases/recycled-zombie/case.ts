import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createProcessTree } from '../../../../src/reaper/processTree';
import { createLinuxProcessTable } from '../../../../src/reaper/table/linuxProcessTable';
import { jobOf } from '../../lib/job';
import { readProcess } from '../../lib/procfs';
import type { StopCase } from '../../lib/stopCase';
import { sleep, until } from '../../lib/wait';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title:
    'The child of an unrelated process that reused the PID of a reaped member is not a member, even between two complete looks',
  run: async (world) => {
    const pid = await world.daemon({ listen: PORT, supervise: true, children: [{}] });
    const child = world.tree().find(({ ppid }) => ppid === pid)?.pid ?? assert.fail('no child');
    const tree = createProcessTree({ table: createLinuxProcessTable(), patterns: { scriptNames: ['ipfs_kit_daemon.py'] } });
    assert.equal((await tree.look('all')).length, 2);

    process.kill(pid, 'SIGSTOP'); // A stopped parent doesn't reap its children.
    await until('the daemon to be stopped', () => readProcess(pid)?.state === 'T');
    process.kill(child, 'SIGKILL');
    await until('the child to end', () => readProcess(child)?.state === 'gone');
    assert.equal((await tree.look('changes')).length, 1);
    process.kill(pid, 'SIGCONT');
    await until('the burial', () => !existsSync(`/proc/${String(child)}`));
    await sleep(30); // The kernel reports start times in steps of 10 ms.
    const left = await jobOf(world, { nextPid: child, label: 'child-of-stranger' });
    world.spare('stranger', child);

    assert.ok((await tree.look('changes')).every((member) => member.pid !== left && member.pid !== child));
    await world.stop();
  },
};
