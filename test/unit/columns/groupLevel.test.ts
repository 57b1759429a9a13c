import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PinGroup } from '../../../src/pin/pinQuery';
import { knownSize } from '../../../src/pin/pinQuery';
import type { GroupNode } from '../../../src/columns/groupLevel';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { compareNaturally } from '../../../src/pin/naturalOrder';
import { groupLevel } from '../../../src/columns/groupLevel';
import type { GroupKey } from '../../../src/pin/pinQuery';
import { isLong, rounds } from '../../support/rounds';

const group = (key: string | undefined, count: number, sizeBytes: number | string = 10 * count): PinGroup => ({
  ...(key !== undefined && { key }),
  count,
  ...knownSize(count, BigInt(sizeBytes)),
});

const rows = (level: readonly GroupNode[]): string[] =>
  level.map(
    ({ key, count, sizeBytes, own, hasFolders }) =>
      `${key ?? '-'} ${count} (${own}) ${sizeBytes} B${hasFolders ? ' with folders' : ''}`,
  );

const going = new AbortController().signal;
const levelOf = (groups: readonly PinGroup[], key: GroupKey, parent?: string): Promise<readonly GroupNode[]> =>
  groupLevel(groups, key, parent, going);

describe('the folders of a list', () => {
  const folders = [
    group('/', 1),
    group('/a', 2),
    group('/a!', 1),
    group('/a/b', 3),
    group('/a/b/c', 4),
    group('/d/e', 5),
    group('notes', 6),
    group('notes/old', 7),
    group(undefined, 8),
  ];

  it('are counted with all that lies below them', async () =>
    assert.deepEqual(rows(await levelOf(folders, 'folder')), [
      '/ 1 (1) 10 B',
      '/a 9 (2) 90 B with folders',
      '/a! 1 (1) 10 B',
      '/d 5 (0) 50 B with folders',
      'notes 13 (6) 130 B with folders',
      '- 8 (8) 80 B',
    ]));

  it('open one level at a time', async () => {
    assert.deepEqual(rows(await levelOf(folders, 'folder', '/a')), ['/a/b 7 (3) 70 B with folders']);
    assert.deepEqual(rows(await levelOf(folders, 'folder', '/a/b')), ['/a/b/c 4 (4) 40 B']);
    assert.deepEqual(rows(await levelOf(folders, 'folder', '/a/b/c')), []);
    assert.deepEqual(rows(await levelOf(folders, 'folder', 'notes')), ['notes/old 7 (7) 70 B']);
  });

  it('say for how many of their pins the size is known', async () => {
    const level = await levelOf(
      [{ key: '/a', count: 2, sized: 0 }, group('/a/b', 3), { key: '/c', count: 4, sized: 0 }],
      'folder',
    );
    assert.deepEqual(
      level.map(({ key, count, sized, sizeBytes }) => [key, count, sized, sizeBytes]),
      [['/a', 5, 3, 30], ['/c', 4, 0, undefined]], // prettier-ignore
    );
  });

  it('have exact sizes past 2^53', async () =>
    assert.deepEqual(rows(await levelOf([group('/a/b', 1, 2 ** 53 - 1), group('/a/c', 1, '9007199254740993')], 'folder')), [
      '/a 2 (0) 18014398509481984 B with folders',
    ]));

  it('contain every pin once, for any paths', async () => {
    const paths = fc.uniqueArray(
      fc
        .array(fc.constantFrom('/', 'a', 'A', 'b', '1', '0', '..', ' ', '!', '\u{1f600}'), { minLength: 1 })
        .map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(paths, async (keys) => {
        const groups = keys.sort(compareNaturally).map((key) => group(key, 1));
        let pins = 0;
        const walk = async (parent: string | undefined, expected: number): Promise<void> => {
          const level = await levelOf(groups, 'folder', parent);
          const names = level.map(({ key }) => key ?? '');
          assert.deepEqual(names, [...new Set(names)].sort(compareNaturally));
          assert.equal(
            level.reduce((sum, { count }) => sum + count, 0),
            expected,
          );
          for (const { key, own, count, hasFolders } of level) {
            pins += own;
            assert.equal(hasFolders, count > own);
            if (hasFolders) await walk(key, count - own);
          }
        };
        await walk(undefined, keys.length);
        assert.equal(pins, keys.length);
      }),
      { numRuns: rounds(500) },
    );
  });
});

describe('the statuses of a list', () => {
  it('ascend, except for the group of healthy pins', async () => {
    const statuses = ['failed', 'pinned', 'pinning', 'queued', undefined].map((key) => group(key, 1));
    assert.deepEqual(
      (await levelOf(statuses, 'status')).map(({ key }) => key),
      ['failed', 'pinning', 'queued', 'pinned', undefined],
    );
  });
});

const MANY = isLong ? 1_000_000 : 200_000;

describe('a level of very many folders', () => {
  const folders = Array.from({ length: MANY }, (_, at) => group(`/f${String(at).padStart(6, '0')}/g`, 1));

  it('can be canceled', async () => {
    const cancelling = new AbortController();
    setTimeout(() => cancelling.abort(), 1);
    await assert.rejects(groupLevel(folders, 'folder', undefined, cancelling.signal), (error) =>
      IpfsKitError.is(error, 'cancelled'),
    );
  });

  it('lets other work run in between', async () => {
    let turns = 0;
    const others = setInterval(() => turns++, 1);
    const level = await levelOf(folders, 'folder');
    clearInterval(others);
    assert.equal(level.length, MANY);
    assert.ok(turns > 3, `${turns} turns`);
  });
});

describe('the other groups of a list', () => {
  it('keep their order; months begin with the newest', async () => {
    const groups = [group('2025-01', 1), group('2026-02', 2), group(undefined, 3)];
    assert.deepEqual(rows(await levelOf(groups, 'month')), ['2026-02 2 (2) 20 B', '2025-01 1 (1) 10 B', '- 3 (3) 30 B']);
    assert.deepEqual(rows(await levelOf(groups, 'type')), ['2025-01 1 (1) 10 B', '2026-02 2 (2) 20 B', '- 3 (3) 30 B']);
  });
});
