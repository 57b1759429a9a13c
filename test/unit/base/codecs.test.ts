import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Unpack } from '../../../src/base/codecs';
import { lz4Frames, lz4Hadoop, lz4Raw, zstd } from '../../../src/base/codecs';
import { python } from '../../support/python';

const folder = mkdtempSync(path.join(tmpdir(), 'codecs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const text = Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(20_000));

for (const [codec, open] of [
  ['lz4', lz4Frames],
  ['zstd', zstd],
] as const)
  describe(`what pyarrow packs by ${codec}`, () => {
    let unpack: Unpack;
    let packed: Buffer;
    before(async () => {
      unpack = await open();
      const file = path.join(folder, codec);
      python(
        `import pyarrow as pa, sys\nopen(sys.argv[1], 'wb').write(pa.compress(b'The quick brown fox jumps over the lazy dog. ' * 20_000, '${codec}', asbytes=True))`,
        file,
      );
      packed = readFileSync(file);
    });

    it('decompresses to the original bytes, again and again', () => {
      assert.ok(packed.length < text.length / 10);
      for (let time = 0; time < 3; time++) assert.ok(text.equals(unpack(packed, text.length)));
    });

    it('is rejected for any other length, and for more or fewer bytes; valid data is read after it', async () => {
      for (const length of [1, text.length - 1, text.length + 1, 2 * text.length])
        assert.throws(() => unpack(packed, length), RangeError, String(length));
      for (const broken of [
        packed.subarray(0, -1),
        packed.subarray(0, 3),
        packed.subarray(0, 0),
        packed.subarray(1),
        Buffer.concat([packed, Buffer.alloc(1)]),
        Buffer.concat([packed, packed]),
      ])
        assert.throws(() => unpack(broken, text.length), RangeError, String(broken.length));
      assert.ok(text.equals((await open())(packed, text.length)));
    });

    it('is rejected before it allocates memory if it would need too much', () => {
      assert.throws(() => unpack(packed, 2 ** 31), RangeError);
    });
  });

describe('blocks of LZ4 in Parquet', () => {
  const block = Buffer.from('\x50hello');

  it('are decompressed, with and without the lengths of Hadoop before them', () => {
    assert.equal(Buffer.from(lz4Raw(block, 5)).toString(), 'hello');
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(5, 0);
    lengths.writeUInt32BE(block.length, 4);
    assert.equal(Buffer.from(lz4Hadoop(Buffer.concat([lengths, block]), 5)).toString(), 'hello');
  });

  it('that reach before their beginning are refused', () => {
    assert.throws(() => lz4Raw(Buffer.from('10680500', 'hex'), 20));
  });
});
