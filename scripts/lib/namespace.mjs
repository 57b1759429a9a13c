// PID namespaces and separate networks: code that stops daemons is tested where only its own processes are visible, so that no other can be hit.
import { spawnSync } from 'node:child_process';
import { SetupError } from './project.mjs';

const KINDS = ['--pid', '--fork', '--mount-proc', '--kill-child'];

/**
 * The command line without the program to run: as root, or as the root of a separate user namespace. Where neither is available nothing is proven, so it is a
 * failure. more: further namespaces, such as `--net`.
 */
export function unshareCommand(more = []) {
  const attempts = [
    [...KINDS, ...more],
    ['--user', '--map-root-user', ...KINDS, ...more],
  ];
  const failures = [];
  for (const options of attempts) {
    const { status, stderr, error } = spawnSync('unshare', [...options, 'true'], { encoding: 'utf8' });
    if (status === 0) return ['unshare', ...options];
    failures.push(`unshare ${options.join(' ')}: ${error?.message ?? stderr.trim()}`);
  }
  throw new SetupError(
    `Stopping a daemon is tested in PID namespaces, so that no other process can be hit. None could be created here:\n${failures.join('\n')}\n` +
      'This requires Linux, unshare of util-linux 2.32 or later, and either root or unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0).',
  );
}

const LOOPBACK_UP = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/**
 * The command line without the program to run, for a separate network that has only loopback: nothing leaves it, and no other daemon is on it. Undefined where
 * none can be created: not on Linux, or not allowed.
 */
export function loopbackOnlyCommand() {
  const attempts = [
    ['unshare', '--net', ...LOOPBACK_UP],
    ['unshare', '--user', '--map-root-user', '--net', ...LOOPBACK_UP],
  ];
  return attempts.find(([program, ...options]) => spawnSync(program, [...options, 'true']).status === 0);
}
