import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Keeper, Order } from './keeper';
import { readProcesses } from './procfs';
import { until } from './wait';

const OTHER_USER = '65534';

export interface Places {
  readonly python: string;
  /** Folder of the case. */
  readonly folder: string;
  /** Folder with the daemon's files. */
  readonly app: string;
  /** Folder in which bystanders record the signals that they receive. */
  readonly bystanders: string;
}

export interface Bystander extends Order {
  readonly label: string;
  /** True for a program other than bystander.py, which can't report that it is ready nor record signals. */
  readonly isProgram?: boolean;
}

/** Programs that look like the daemon and aren't. In each case they run in the daemon's process group. */
export function usualBystanders({ python, folder, app }: Places): Bystander[] {
  const decoys = path.join(folder, 'decoys');
  const place = (...parts: string[]): string => {
    const file = path.join(decoys, ...parts);
    mkdirSync(path.dirname(file), { recursive: true });
    copyFileSync(path.join(folder, 'bystander.py'), file);
    return file;
  };
  const script = path.join(app, 'ipfs_kit_daemon.py');
  const inline = `exec(compile(open(${JSON.stringify(path.join(folder, 'bystander.py'))}).read(), "bystander", "exec")) # python ipfs_kit_daemon.py`;
  const shell = `for each in TERM CONT HUP INT USR1 QUIT; do trap "echo $each >>${folder}/bystanders/shell.signals" $each; done; while :; do read -r _; done # python ipfs_kit_daemon.py`;
  place('bystander_module.py');
  return [
    { label: 'editor', argv: ['vim', place('editor.py'), script], executable: python },
    { label: 'pager', argv: ['tail', '-f', script], isProgram: true },
    { label: 'search', argv: ['grep', 'ipfs_kit_daemon.py', '-'], isProgram: true, openInput: true },
    { label: 'shell', argv: ['bash', '-c', shell], isProgram: true, openInput: true },
    { label: 'tests', argv: [python, '-W', 'ignore', place('run_tests.py'), 'ipfs_kit_daemon.py'] },
    { label: 'longer-name', argv: [python, place('my_ipfs_kit_daemon.py')] },
    { label: 'backup', argv: [python, place('ipfs_kit_daemon.py.bak')] },
    { label: 'folder', argv: [python, place('ipfs_kit_daemon.py', 'serve.py'), 'daemon', 'start'] },
    { label: 'code', argv: [python, '-c', inline] },
    { label: 'code-in-cluster', argv: [python, '-Bc', inline, 'ipfs_kit_daemon.py'] },
    { label: 'module', argv: [python, '-m', 'bystander_module', 'ipfs_kit_daemon.py'], cwd: decoys },
    { label: 'cli-status', argv: [python, place('cli.py'), 'daemon', 'status'] },
    {
      label: 'container',
      argv: ['unshare', '--pid', '--fork', '--kill-child', python, place('container', 'ipfs_kit_daemon.py')],
    },
    ...(hasOtherUsers()
      ? [{ label: 'other-user', argv: [python, place('other', 'ipfs_kit_daemon.py')], env: { STOP_TEST_UID: OTHER_USER } }]
      : []),
  ];
}

/** Whether processes of other users can be started. A user namespace that an unprivileged user creates has only one user: user_namespaces(7). */
export function hasOtherUsers(): boolean {
  return readFileSync('/proc/self/uid_map', 'utf8')
    .trim()
    .split('\n')
    .some((line) => {
      const [first = 0, , length = 0] = line.trim().split(/\s+/).map(Number);
      return first <= Number(OTHER_USER) && Number(OTHER_USER) < first + length;
    });
}

export async function startBystander(keeper: Keeper, { bystanders }: Places, bystander: Bystander): Promise<number> {
  const { label, isProgram = false, ...order } = bystander;
  const env = { STOP_TEST_BYSTANDERS: bystanders, STOP_TEST_LABEL: label, ...order.env };
  const pid = await keeper.start({ ...order, env });
  if (!isProgram) await until(`bystander ${label}`, () => content(path.join(bystanders, `${label}.ready`)) === 'ready');
  return pid;
}

export function signalsOf({ bystanders }: Places, label: string): string[] {
  return content(path.join(bystanders, `${label}.signals`))
    .split('\n')
    .filter((line) => line !== '');
}

function content(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Whether SQLite can begin a write transaction in the database. */
export function canBeWritten(python: string, database: string): boolean {
  if (!existsSync(database)) writeFileSync(database, '');
  const code = 'import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0.2, isolation_level=None).execute("BEGIN IMMEDIATE")';
  return spawnSync(python, ['-S', '-c', code, database]).status === 0;
}

/** Whether all children of the container's bystander have started. */
export function isContainerUp(): boolean {
  return readProcesses().some(({ argv }) => argv[1]?.endsWith('/container/ipfs_kit_daemon.py') === true);
}
