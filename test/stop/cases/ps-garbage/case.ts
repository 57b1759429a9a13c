import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'A ps that prints garbage, or fails, has no effect',
  run: async (world) => {
    const bin = world.file('bin');
    mkdirSync(bin);
    const usePs = (script: string): void => {
      writeFileSync(path.join(bin, 'ps'), `#!/bin/sh\n${script}\n`);
      chmodSync(path.join(bin, 'ps'), 0o755);
    };
    process.env['PATH'] = `${bin}:${process.env['PATH'] ?? ''}`;
    const header = 'PPID PID STAT COMMAND';
    for (const script of [
      'exit 1',
      'head -c 100000 /dev/urandom',
      `echo "${header}"`,
      `echo "${header}"; echo "DAEMON 1 S init"; echo "DAEMON -1 S all"; echo "DAEMON 0 S group"; echo "1 DAEMON S x"`,
    ]) {
      const pid = await world.daemon({ listen: PORT, term: 'ignore', children: [{}] });
      usePs(script.replaceAll('DAEMON', String(pid)));
      await world.stop();
    }
  },
};
