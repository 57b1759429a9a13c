import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A daemon that is stopped in a debugger is ended, and the debugger is left alone',
  run: async (world) => {
    const pid = await world.daemon({ listen: PORT, children: [{ kind: 'sleep' }] });
    await world.bystander({
      label: 'debugger',
      argv: [world.python, world.file('bystander.py')],
      env: { STOP_TEST_DEBUGS: String(pid) },
    });
    await world.stop();
  },
};
