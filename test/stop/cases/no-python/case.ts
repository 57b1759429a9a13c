import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { decoyScript } from '../../lib/disguise';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A program other than Python with the arguments of the daemon is not signaled',
  run: async (world) => {
    const script = path.join(path.dirname(decoyScript(world)), 'shell', 'ipfs_kit_daemon.py');
    const traps =
      'for each in TERM CONT HUP INT; do trap "echo $each >>$STOP_TEST_BYSTANDERS/$STOP_TEST_LABEL.signals" $each; done';
    await import('node:fs').then(({ mkdirSync }) => mkdirSync(path.dirname(script), { recursive: true }));
    writeFileSync(script, `${traps}\nwhile :; do read -r _; done\n`);
    await world.bystander({
      label: 'shell-named-python',
      argv: ['python3', script],
      executable: 'bash',
      isProgram: true,
      openInput: true,
    });
    await world.daemon({ listen: PORT, children: [{}] });
    const { result } = await world.stop();
    assert.equal(result.killed.length, 2);
  },
};
