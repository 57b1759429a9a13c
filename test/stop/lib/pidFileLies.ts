import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import type { World } from './world';

/** Wrong PID files by name; each function writes one. */
export const PID_FILE_LIES: Readonly<Record<string, (world: World) => void>> = {
  stale: ({ pidFile }) => writeFileSync(pidFile, '3999'),
  empty: ({ pidFile }) => writeFileSync(pidFile, ''),
  text: ({ pidFile }) => writeFileSync(pidFile, 'the daemon'),
  json: ({ pidFile }) => writeFileSync(pidFile, '{"pid": 2}'),
  huge: ({ pidFile }) => writeFileSync(pidFile, '99999999999999999999999'),
  'beyond all pids': ({ pidFile }) => writeFileSync(pidFile, '4294967297'),
  nothing: ({ pidFile }) => writeFileSync(pidFile, '0'),
  init: ({ pidFile }) => writeFileSync(pidFile, '1'),
  everybody: ({ pidFile }) => writeFileSync(pidFile, '-1'),
  'the caller': ({ pidFile }) => writeFileSync(pidFile, `${String(process.pid)}\n`),
  'the parent of the caller': ({ pidFile }) => writeFileSync(pidFile, String(process.ppid)),
  'several lines': ({ pidFile }) => writeFileSync(pidFile, '3999\n3998\n'),
  'a long file': ({ pidFile }) => writeFileSync(pidFile, `3999${' '.repeat(1_000_000)}`),
  'a folder': ({ pidFile }) => mkdirSync(pidFile),
  'a pipe': ({ pidFile }) => void spawnSync('mkfifo', [pidFile]),
  'a link': ({ pidFile, file }) => {
    writeFileSync(file('elsewhere.pid'), '3999');
    symlinkSync(file('elsewhere.pid'), pidFile);
  },
  absent: () => undefined,
};
/** The PID files that stop() deletes: they are well-formed, and no process has that PID. */
export const REMOVED_LIES = ['stale'];
