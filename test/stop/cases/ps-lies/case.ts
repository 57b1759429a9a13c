import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A ps that calls bystanders children of the daemon is not believed',
  run: async (world) => {
    const bin = world.file('bin');
    mkdirSync(bin);
    const usePs = (script: string): void => {
      writeFileSync(path.join(bin, 'ps'), `#!/bin/sh\n${script}\n`);
      chmodSync(path.join(bin, 'ps'), 0o755);
    };
    process.env['PATH'] = `${bin}:${process.env['PATH'] ?? ''}`;
    const older = await world.bystander({ label: 'older', argv: [world.python, world.file('bystander.py')] });
    const pid = await world.daemon({ listen: PORT, term: 'ignore', children: [{}] });
    const younger = await world.bystander({ label: 'younger', argv: [world.python, world.file('bystander.py')] });
    const row = (each: number): string => `echo "${String(pid)} ${String(each)} S python"`;
    usePs(`echo "PPID PID STAT COMMAND"; ${[older, younger, process.ppid].map(row).join('; ')}`);
    await world.stop({ termTimeoutMs: 800 });
  },
};
