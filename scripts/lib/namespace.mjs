// PID namespaces: what stops daemons is tried where nothing but its own processes can be seen, let alone hit.
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
