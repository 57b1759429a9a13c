import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDaemon } from '../../../src/reaper/daemonIdentity';

const PATTERNS = { scriptNames: ['ipfs_kit_daemon.py'] };

describe('the daemon is', () => {
  for (const line of [
    'python ipfs_kit_daemon.py',
    '/usr/bin/python3.12 /opt/ipfs_kit/ipfs_kit_daemon.py --port 8774',
    '/Library/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python /x/ipfs_kit_daemon.py',
    'C:\\Python312\\pythonw.exe C:\\kit\\ipfs_kit_daemon.py',
    'pypy3 ipfs_kit_daemon.py',
    'python3.13t ipfs_kit_daemon.py',
    'python3 -u ipfs_kit_daemon.py',
    'python3 -W ignore ipfs_kit_daemon.py',
    'python3 -Wignore ipfs_kit_daemon.py',
    'python3 -X dev -BsE ipfs_kit_daemon.py',
    'python3 -BX utf8 ipfs_kit_daemon.py',
    'python3 --check-hash-based-pycs always ipfs_kit_daemon.py',
    'python3 -I -- ipfs_kit_daemon.py',
    'python3 -m ipfs_kit_py.mcp.ipfs_kit.daemon.ipfs_kit_daemon --port 9999',
    'python3 -m ipfs_kit_daemon',
    'python3 -um ipfs_kit_py.mcp.ipfs_kit.daemon.multi_process_daemon',
    'python3 -mipfs_kit_py.mcp.ipfs_kit.daemon.ipfs_kit_daemon',
    '/venv/bin/python3 /venv/bin/ipfs-kit daemon start',
    'python3 /src/ipfs_kit_py/cli.py --debug daemon start --detach',
    'python3 -m ipfs_kit_py.cli daemon start',
    'C:\\kit\\python.exe C:\\kit\\Scripts\\ipfs-kit.exe daemon start',
  ])
    it(line, () => assert.equal(isDaemon(line.split(' '), PATTERNS), true));
});

describe('the daemon is not', () => {
  for (const argv of [
    [],
    [''],
    ['vim', 'ipfs_kit_daemon.py'],
    ['tail', '-f', 'ipfs_kit_daemon.py'],
    ['bash', '-c', 'python ipfs_kit_daemon.py'],
    ['python3'],
    ['python3', '-c', 'import time; time.sleep(9)', 'ipfs_kit_daemon.py'],
    ['python3', '-Bc', 'pass', 'ipfs_kit_daemon.py'],
    ['python3', '-cpass', 'ipfs_kit_daemon.py'],
    ['python3', '-', 'ipfs_kit_daemon.py'],
    ['python3', '-i'],
    ['python3', '-m', 'pytest', 'ipfs_kit_daemon.py'],
    ['python3', '-m'],
    ['python3', '-W', 'ipfs_kit_daemon.py'],
    ['python3', '-X', 'ipfs_kit_daemon.py', 'other.py'],
    ['python3', '--check-hash-based-pycs', 'ipfs_kit_daemon.py', 'other.py'],
    ['python3', 'run_tests.py', 'ipfs_kit_daemon.py'],
    ['python3', 'my_ipfs_kit_daemon.py'],
    ['python3', 'ipfs_kit_daemon.py.bak'],
    ['python3', 'ipfs_kit_daemon.pyc'],
    ['python3', '/opt/ipfs_kit_daemon.py/main.py'],
    ['python3', '-m', 'my_ipfs_kit_daemon'],
    ['python3', '-m', 'ipfs_kit_daemon.tools'],
    ['python3', 'cli.py', 'daemon', 'status'],
    ['python3', 'cli.py', 'log', 'daemon', 'start'],
    ['python3', 'other.py', 'daemon', 'start'],
    ['python3', '-m', 'cli', 'daemon', 'start'],
    ['python3', '/venv/bin/ipfs-kit', 'daemon'],
    ['pythonista', 'ipfs_kit_daemon.py'],
    ['python3-config', 'ipfs_kit_daemon.py'],
    ['python3 ipfs_kit_daemon.py'],
    ['ipfs-kit', 'daemon', 'start'],
  ])
    it(argv.length === 0 ? 'a process without arguments' : JSON.stringify(argv), () =>
      assert.equal(isDaemon(argv, PATTERNS), false),
    );

  it('a name that was not configured', () => {
    const none = { scriptNames: [], moduleNames: [''], commandNames: [] };
    assert.equal(isDaemon(['python3', 'ipfs_kit_daemon.py'], none), false);
    assert.equal(isDaemon(['python3', '-m', 'a.ipfs_kit_daemon'], none), false);
    assert.equal(isDaemon(['python3', '-m', 'ipfs_kit_py.cli', 'daemon', 'start'], none), false);
  });
});
