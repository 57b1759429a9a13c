import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pythonEnvironment } from '../../../src/pinStore/duckdb/pythonEnvironment';
import { findDaemonCommands } from '../../../src/reaper/findDaemonCommands';
import { createToolRunner } from '../../../src/reaper/table/runTool';
import { testFolder } from '../../support/folder';
import { testPython } from '../../support/testDaemon';

const folder = testFolder('daemon-command');

describe('the command that starts ipfs_kit_py', () => {
  it('is found for each Python that has its daemon, without importing it', async () => {
    const daemon = path.join(folder, 'with', 'ipfs_kit_py', 'mcp', 'ipfs_kit', 'daemon');
    mkdirSync(daemon, { recursive: true });
    mkdirSync(path.join(folder, 'without', 'ipfs_kit_py'), { recursive: true });
    const trace = path.join(folder, 'imported');
    for (const of of ['with', 'without'])
      writeFileSync(path.join(folder, of, 'ipfs_kit_py', '__init__.py'), `open(${JSON.stringify(trace)}, "w")\n`);
    writeFileSync(path.join(daemon, 'ipfs_kit_daemon.py'), '');
    const found = async (of: string): Promise<readonly (readonly string[])[]> => {
      const run = createToolRunner({ ...pythonEnvironment(process.env), PYTHONPATH: path.join(folder, of) });
      return findDaemonCommands([{ file: testPython(), name: 'python3' }, { file: path.join(folder, 'none'), name: 'none' }], run); // prettier-ignore
    };
    const command = ['python3', '-m', 'ipfs_kit_py.mcp.ipfs_kit.daemon.ipfs_kit_daemon', '--port', '8774'];
    assert.deepEqual(await found('with'), [command]);
    assert.deepEqual(await found('without'), []);
    assert.ok(!existsSync(trace));
  });
});
