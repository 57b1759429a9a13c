import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { TakeName } from '../../../src/vfs/diskName';
import { createDiskNames, diskName, usualNames } from '../../../src/vfs/diskName';

const PLATFORMS = ['linux', 'darwin', 'win32'] as const;

async function namesOf(entries: readonly string[], platform: NodeJS.Platform, take = usualNames(platform)): Promise<string[]> {
  const nameOf = createDiskNames(platform, take);
  const names: string[] = [];
  for (const entry of entries) names.push(await nameOf(entry));
  return names;
}

describe('the name on disk of an entry on IPFS', () => {
  it('is the same where it is a name, and a similar one where it is not', () => {
    const same = ['readme.md', '.env', 'ü (1) #%.png', 'a b', '...', 'x'.repeat(230)];
    for (const name of same) assert.equal(diskName(name, 'linux'), name);
    for (const [name, wanted] of [
      ['..', '_'],
      ['.', '_'],
      ['', '_'],
      ['../../etc/passwd', '.._.._etc_passwd'],
      ['/etc', '_etc'],
      ['a\\b', 'a_b'],
      ['a\u0000b\n', 'a_b_'],
      ['\u202Egnp.exe', '_gnp.exe'],
      ['[x](command:y)', '_x__command_y_'],
    ] as const)
      assert.equal(diskName(name, 'linux'), wanted);
    const onWindows = [['CON', '_CON'], ['nul.txt', '_nul.txt'], ['a. .', 'a_'], ['a:b?', 'a_b_'], ['C:', 'C_'], ['...', '_'], ['nul .txt', '_nul .txt'], ['CONIN$', '_CONIN$'], ['GIT~1', 'GIT_1'], ['VS12AB~1.JSO', 'VS12AB_1.JSO'], ['a.txt~1', 'a.txt~1']] as const; // prettier-ignore
    for (const [name, wanted] of onWindows) assert.equal(diskName(name, 'win32'), wanted);
    assert.equal(diskName(`${'字'.repeat(200)}.png`, 'linux'), `${'字'.repeat(75)}.png`);
  });

  it('is one name of at most 255 bytes in one folder, whatever the entries are called, and no two are the same', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('..', 'a', 'A', 'a (2)', 'a/b', 'a\\b', 'é', 'e\u0301', 'CON', '')),
          { maxLength: 12 },
        ),
        fc.constantFrom(...PLATFORMS),
        async (names, platform) => {
          const saved = await namesOf(names, platform);
          for (const name of saved) {
            assert.ok(Buffer.byteLength(name) <= 255 && !/[/\\\0]/.test(name), name);
            for (const on of [path.posix, path.win32]) assert.notEqual(on.resolve('/a/b', name), on.resolve('/a/b'), name);
            assert.equal(path.posix.dirname(path.posix.resolve('/a/b', name)), '/a/b');
            if (platform === 'win32') assert.equal(path.win32.dirname(path.win32.resolve('C:\\a\\b', name)), 'C:\\a\\b');
          }
          const folded = platform === 'linux' ? saved : saved.map((name) => name.normalize('NFC').toUpperCase());
          assert.equal(new Set(folded).size, names.length);
        },
      ),
    )); // prettier-ignore

  it('is that of no other entry where the file system takes both for one, whatever the platform; others are not asked about', async () => {
    const asked: string[] = [];
    const taken = new Set<string>();
    const take: TakeName = (name) => {
      asked.push(name);
      return taken.size < taken.add(name.toLowerCase()).size;
    };
    const entries = ['A', 'b', 'a', 'c', 'é', 'e\u0301'];
    assert.deepEqual(await namesOf(entries, 'linux', take), ['A', 'b', 'a (2)', 'c', 'é', 'e\u0301']);
    assert.deepEqual(asked, ['A', 'a', 'é', 'e\u0301']);
    assert.deepEqual(await namesOf(['A', 'a', 'A'], 'linux'), ['A', 'a', 'A (2)']);
    assert.deepEqual(await namesOf(['A', 'a', 'A'], 'win32'), ['A', 'a (2)', 'A (3)']);
  });

  it('is found without delay for many long names that differ only where they are cut', async () => {
    const long = Array.from({ length: 20_000 }, (_, at) => `${'y'.repeat(224)}${String(at >> 1).padStart(6, '0')}`);
    const names = await namesOf(long, 'linux');
    assert.equal(new Set(names).size, 20_000);
  });

  it('is found without delay for many entries of one name', async () => {
    const names = await namesOf(new Array<string>(50_000).fill('same.txt'), 'linux');
    assert.deepEqual(
      [names[0], names[1], names.at(-1), new Set(names).size],
      ['same.txt', 'same (2).txt', 'same (50000).txt', 50_000],
    );
  });
});
