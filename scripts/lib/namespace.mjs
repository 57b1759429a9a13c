// PID namespaces: what stops daemons is tried where nothing but its own processes can be seen, let alone hit. And networks of one's own.
import { spawnSync } from 'node:child_process';
import { SetupError } from './project.mjs';

const KINDS = ['--pid', '--fork', '--mount-proc', '--kill-child'];

/**
 * The command, without what it is to run: as root, or as the root of a user namespace of one's own.
 * Where neither is to be had nothing is proven, so it is a failure. more: further kinds, such as `--net`.
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
    `Stopping a daemon is tried in PID namespaces, so that nothing else can be hit. None can be made here:\n${failures.join('\n')}\n` +
      'It takes Linux, unshare of util-linux 2.32 or later, and either root or unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0).',
  );
}

const LOOPBACK_UP = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/**
 * The command, without what it is to run, for a network of its own that is loopback alone: nothing gets out, and nobody else's daemon is on it.
 * Undefined where none can be made: not on Linux, or not allowed.
 */
export function loopbackAloneCommand() {
  const attempts = [
    ['unshare', '--net', ...LOOPBACK_UP],
    ['unshare', '--user', '--map-root-user', '--net', ...LOOPBACK_UP],
  ];
  return attempts.find(([program, ...options]) => spawnSync(program, [...options, 'true']).status === 0);
}
