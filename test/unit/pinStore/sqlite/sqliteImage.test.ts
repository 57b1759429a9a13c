import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, readdirSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { lazyBytes, openSqliteImage } from '../../../../src/pinStore/sqlite/sqliteImage';
import { newFile } from '../testDatabases';
import { needs } from '../../../support/needs';

describe('lazyBytes', () => {
  it('gives the bytes of any stretch in any order, but for the two that tell of WAL mode', () => {
    const content = Buffer.from(Array.from({ length: 150_000 }, (_, at) => at % 251));
    content[18] = 2;
    content[19] = 2;
    const shown = Buffer.from(content);
    shown[18] = 1;
    shown[19] = 1;
    const stretch = fc.tuple(fc.nat(content.length), fc.nat(70_000)).map(([begin, length]) => [begin, begin + length] as const);
    fc.assert(
      fc.property(fc.array(fc.oneof(stretch, fc.constant('next' as const)), { maxLength: 20 }), (asked) => {
        const bytes = lazyBytes(content.length, (into, position) => content.copy(into, 0, position));
        let last = 0;
        for (const each of asked) {
          const [begin, end] =
            each === 'next' ? [last, Math.min(last + 4096, content.length)] : [each[0], Math.min(each[1], content.length)];
          last = end;
          assert.ok(shown.subarray(begin, end).equals(bytes.subarray(begin, end)), `${begin}–${end}`);
        }
      }),
    );
  });

  it('reads ahead once pages are requested in sequence, and otherwise only what is requested', () => {
    const reads: number[] = [];
    const bytes = lazyBytes(1_000_000, (into) => {
      reads.push(into.length);
      return into.length;
    });
    for (const page of [7, 3, 200]) bytes.subarray(page * 4096, (page + 1) * 4096);
    assert.deepEqual(reads, [4096, 4096, 4096]);
    for (let page = 201; page < 217; page++) bytes.subarray(page * 4096, (page + 1) * 4096);
    assert.deepEqual(reads.slice(3), [65_536]);
  });

  it('shows zeros where the file has become shorter', () => {
    const bytes = lazyBytes(8192, (into) => {
      into.fill(7);
      return 100;
    });
    const shown = bytes.subarray(4096, 8192);
    assert.ok(shown.subarray(0, 100).every((byte) => byte === 7));
    assert.ok(shown.subarray(100).every((byte) => byte === 0));
  });
});

describe('openSqliteImage', () => {
  it('reads beyond 2 and 4 GiB', () => {
    const file = newFile();
    const descriptor = openSync(file, 'w');
    ftruncateSync(descriptor, 5 * 2 ** 30); // The file is one hole, which uses no disk space.
    for (const gib of [1.5, 2.5, 4.5]) writeSync(descriptor, `at ${gib} GiB`, gib * 2 ** 30);
    closeSync(descriptor);
    const image = openSqliteImage(file);
    try {
      assert.equal(image.bytes.length, 5 * 2 ** 30);
      for (const gib of [4.5, 1.5, 2.5]) {
        const text = `at ${gib} GiB`;
        assert.equal(Buffer.from(image.bytes.subarray(gib * 2 ** 30, gib * 2 ** 30 + text.length)).toString(), text);
      }
    } finally {
      image.close();
      truncateSync(file);
    }
  });

  it("keeps the file system's error of a read until it is requested", () => {
    const file = newFile();
    writeFileSync(file, Buffer.alloc(8192, 7));
    const image = openSqliteImage(file);
    assert.equal(image.failure(), undefined);
    image.close(); // The next read uses a closed descriptor.
    assert.ok(image.bytes.subarray(0, 4096).every((byte) => byte === 0));
    assert.equal(image.failure()?.reason, 'unreadable');
  });

  it('closes its descriptor once', needs('/proc'), () => {
    const open = (): number => readdirSync('/proc/self/fd').length;
    const file = newFile();
    writeFileSync(file, 'content');
    const before = open();
    const image = openSqliteImage(file);
    assert.equal(open(), before + 1);
    image.close();
    const other = openSync(file, 'r'); // The system assigns the free descriptor number to this file.
    image.close();
    assert.equal(open(), before + 1);
    closeSync(other);
  });
});
