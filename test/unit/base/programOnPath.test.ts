import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { programOnPath } from '../../../src/base/programOnPath';
import { testFolder } from '../../support/folder';
import { needs, POSIX } from '../../support/needs';

const folder = testFolder('path');

const [first, second] = [path.join(folder, 'first'), path.join(folder, 'second')];
mkdirSync(path.join(first, 'ipfs'), { recursive: true }); // A folder of that name isn't a program.
mkdirSync(second);
writeFileSync(path.join(second, 'ipfs'), '#!/bin/sh\n');
chmodSync(path.join(second, 'ipfs'), 0o755);
writeFileSync(path.join(second, 'not-runnable'), '');
chmodSync(path.join(second, 'not-runnable'), 0o644);

const find = (program: string, environment: NodeJS.ProcessEnv = { PATH: ['.', first, second].join(path.delimiter) }) =>
  programOnPath(program, { folder: second, environment, platform: 'linux' });

describe('a program to start', needs(POSIX), () => {
  it('is found along PATH: the first file that may be run', async () => {
    assert.equal(await find('ipfs'), path.join(second, 'ipfs'));
    assert.equal(await find('not-runnable'), undefined);
    assert.equal(await find('nowhere'), undefined);
    assert.equal(await find('ipfs', {}), undefined);
  });

  it('is taken as it is where it is named by a path', async () => {
    assert.equal(await find(path.join(second, 'ipfs')), path.join(second, 'ipfs'));
    assert.equal(await find('./ipfs', {}), path.join(second, 'ipfs'));
    assert.equal(await find(path.join(first, 'ipfs')), undefined);
  });

  it('may lack its ending on Windows, where Path has no one spelling', async () => {
    const looked: string[] = [];
    const isRunnable = (file: string): Promise<boolean> => Promise.resolve(looked.push(file) === 3);
    const search = { folder: 'C:\\Users\\me', environment: { Path: 'C:\\bin;D:\\kubo', PATHEXT: '.EXE;.CMD' }, isRunnable };
    assert.equal(await programOnPath('ipfs', { ...search, platform: 'win32' }), 'D:\\kubo\\ipfs.EXE');
    assert.deepEqual(looked, ['C:\\bin\\ipfs.EXE', 'C:\\bin\\ipfs.CMD', 'D:\\kubo\\ipfs.EXE']);
    looked.length = 0;
    await programOnPath('kubo\\ipfs.exe', { ...search, platform: 'win32' });
    assert.deepEqual(looked, ['C:\\Users\\me\\kubo\\ipfs.exe']);
  });
});
