import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchFolder } from '../../../src/base/watchFolder';
import { testFolder } from '../../support/folder';
import { needs } from '../../support/needs';

const folder = testFolder('watch-folder');

/** Watches `watched`, makes a change, and says once what has ended. */
async function endedBy(watched: string, change: () => void): Promise<unknown[]> {
  const ends: unknown[] = [];
  const watcher = watchFolder(watched, { changed: () => undefined, ended: (error) => ends.push(error) });
  await sleep(50);
  change();
  for (let waited = 0; ends.length === 0 && waited < 100; waited++) await sleep(20);
  await sleep(50);
  watcher.close();
  return ends;
}

describe('a watched folder', needs('/proc'), () => {
  const newFolder = (): string => {
    const made = path.join(mkdtempSync(path.join(folder, 'made-')), 'pins');
    mkdirSync(made);
    return made;
  };

  it('says once that it is removed or moved: by any spelling of its path, and through a link', async () => {
    const spellings = ['', '/', '//', '/.', '/../pins'];
    for (const spelling of spellings) {
      const made = newFolder();
      assert.deepEqual(await endedBy(made + spelling, () => rmdirSync(made)), [undefined], spelling);
    }
    const moved = newFolder();
    assert.deepEqual(await endedBy(moved, () => renameSync(moved, `${moved}-moved`)), [undefined]);
    const target = newFolder();
    const link = `${target}-link`;
    symlinkSync(target, link);
    assert.deepEqual(await endedBy(link, () => rmdirSync(target)), [undefined]);
  });
});
