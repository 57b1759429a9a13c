import assert from 'node:assert/strict';
import path from 'node:path';
import type { StopCase } from '../../lib/stopCase';
import type { Places } from '../../lib/bystanders';

export const stopCase: StopCase = {
  title: 'Each way to start the daemon is recognized, with any options of the interpreter',
  run: async (world) => {
    const script = (...options: string[]) => ({
      argv: ({ python, app }: Places, spec: readonly string[]) => [
        python,
        ...options,
        path.join(app, 'ipfs_kit_daemon.py'),
        ...spec,
      ],
    });
    const inApp = (...words: string[]) => ({
      argv: ({ python }: Places, spec: readonly string[]) => [python, ...words, ...spec],
    });
    const ways = [
      script(),
      script('-Bu'),
      script('-W', 'ignore'),
      script('-Wignore', '-X', 'utf8'),
      script('-X', 'dev', '--'),
      script('--check-hash-based-pycs', 'never', '-bB'),
      inApp('ipfs_kit_daemon.py'),
      inApp('./package/../ipfs_kit_daemon.py'),
      inApp('-m', 'package.daemon.ipfs_kit_daemon'),
      inApp('-Bm', 'ipfs_kit_daemon'),
      inApp('-mpackage.daemon.ipfs_kit_daemon'),
      inApp('ipfs-kit', 'daemon', 'start'),
      inApp('cli.py', '--debug', 'daemon', 'start'),
    ];
    for (const way of ways) await world.daemon({ children: [{ kind: 'sleep' }] }, way);
    const { result } = await world.stop({ moduleNames: ['ipfs_kit_daemon'], commandNames: ['ipfs-kit', 'cli.py'] });
    assert.equal(result.processes.filter(({ link }) => link === 'daemon').length, ways.length);
  },
};
