import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { daemonProcesses } from '../../../src/reaper/daemonProcesses';
import { DAEMON, madeTable } from '../../support/madeTable';

const patterns = { scriptNames: ['ipfs_kit_daemon.py'] };

describe('the processes of the daemon', () => {
  it('are listed below their parents, in any order of the table', async () => {
    const table = madeTable(
      { pid: 300, ppid: 200 },
      { pid: 200, ppid: 100 },
      { pid: 100, argv: DAEMON },
      { pid: 150, ppid: 100, start: 151, stopped: true },
      { pid: 400, argv: DAEMON },
      { pid: 7, argv: ['vim'] },
    );
    const { processes } = await daemonProcesses({ patterns, databases: [], table });
    assert.deepEqual(
      processes.map(({ pid, depth, stopped }) => `${' '.repeat(depth)}${pid}${stopped ? ' stopped' : ''}`),
      ['100', ' 200', '  300', ' 150 stopped', '400'],
    );
  });

  it('are empty if no daemon runs', async () => {
    assert.deepEqual(await daemonProcesses({ patterns, databases: [], table: madeTable() }), { processes: [], locks: [] });
  });
});
