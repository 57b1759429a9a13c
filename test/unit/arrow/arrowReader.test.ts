import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Reason } from '../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { Pin } from '../../../src/pin/pin';
import { readArrow } from '../../../src/arrow/arrowReader';
import { oraclePins, python } from '../../support/python';

const folder = mkdtempSync(path.join(tmpdir(), 'arrow-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const going = new AbortController().signal;
const fixtures = path.join(process.cwd(), 'test/fixtures/arrow');

async function pinsOf(body: Uint8Array): Promise<Pin[]> {
  const table = await readArrow(body);
  const pins = await table.page({ limit: 10_000 }, going);
  assert.equal(await table.count({}, going), pins.length);
  table.close();
  return pins;
}

const failing =
  (...reasons: Reason[]) =>
  (error: unknown) =>
    IpfsKitError.is(error, ...reasons);

/** A body as the test daemon writes it. */
function makeBody(name: string, rows: number, options: Record<string, string | number>): string {
  const file = path.join(folder, name);
  const code = `import json, sys
from pathlib import Path
from arrow_bodies import *
from pin_data import pins
options = ArrowOptions(**json.loads(sys.argv[2]))
Path(sys.argv[1]).write_bytes(b"".join(body_pieces(table_of(list(pins(int(sys.argv[3]), 1)), options), options)))`;
  python(code, file, JSON.stringify(options), String(rows));
  return file;
}

/** Bodies of tables that pyarrow makes, each from a Python expression. */
function bodiesOf(tables: readonly string[], form: 'stream' | 'file' = 'stream', compression = 'None'): Buffer[] {
  const files = tables.map((_, index) => path.join(folder, `made-${index}`));
  const code = `import functools, pyarrow as pa, sys
options = pa.ipc.IpcWriteOptions(compression=${compression})
for file, table in zip(sys.argv[1:], [${tables.join(', ')}]):
    with pa.OSFile(file, "wb") as sink, pa.ipc.new_${form}(sink, table.schema, options=options) as writer: writer.write_table(table)`;
  python(code, ...files);
  return files.map((file) => readFileSync(file));
}

function bodyOf(table: string, form: 'stream' | 'file' = 'stream', compression = 'None'): Buffer {
  return bodiesOf([table], form, compression)[0] ?? assert.fail();
}

describe('an Arrow body', () => {
  for (const name of readdirSync(fixtures).filter((file) => /\.arrows?$/.test(file)))
    it(`${name} lists as pyarrow reads it, field by field`, async () => {
      const file = path.join(fixtures, name);
      const pins = await pinsOf(readFileSync(file));
      assert.ok(pins.length >= 2);
      assert.deepEqual(pins, oraclePins('arrow', file));
    });

  const variants: Record<string, string | number>[] = [
    { schema: '19' },
    { schema: '10' },
    { schema: 'minimal' },
    { schema: 'extra' },
    { schema: '19', form: 'file', batches: 3 },
    { schema: '19', batches: 7 },
    { schema: '10', strings: 'large_utf8', form: 'file' },
    { schema: '10', strings: 'dictionary', batches: 4 },
    { schema: '19', strings: 'dictionary', form: 'file' },
    { schema: '19', strings: 'utf8_view', batches: 3 },
    { schema: '10', time_unit: 'ms' },
    { schema: '10', time_unit: 'us' },
    { schema: '10', time_unit: 'ns' },
  ];
  for (const options of variants)
    it(`with ${JSON.stringify(options)} lists as pyarrow reads it, field by field`, async () => {
      const file = makeBody('variant', 300, options);
      const pins = await pinsOf(readFileSync(file));
      assert.equal(pins.length, 300);
      assert.deepEqual(pins, oraclePins('arrow', file));
    });

  for (const compression of ['lz4', 'zstd'])
    for (const form of ['stream', 'file'])
      for (const strings of ['utf8', 'dictionary', 'utf8_view'])
        it(`compressed by ${compression} lists as pyarrow reads it, field by field (${strings}, ${form})`, async () => {
          const file = makeBody('compressed', 3000, { compression, form, strings, batches: 3 });
          const pins = await pinsOf(readFileSync(file));
          assert.equal(pins.length, 3000);
          assert.deepEqual(pins, oraclePins('arrow', file));
        });

  const extras: Record<string, string> = {
    union:
      'pa.UnionArray.from_dense(pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), [pa.array([1]), pa.array(["x"])])',
    'sparse union': 'pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["x", "y"])])',
    map: 'pa.array([[("a", 1)], None], pa.map_(pa.utf8(), pa.int32()))',
    struct: 'pa.array([{"a": 1, "b": {"c": "x"}}, None])',
    list: 'pa.array([["a", "b"], None])',
    'large list': 'pa.array([[1], []], pa.large_list(pa.int8()))',
    'list of a size': 'pa.array([[1, 2], None], pa.list_(pa.int8(), 2))',
    binary: 'pa.array([b"\\xff", None])',
    'binary view': 'pa.array([b"\\xff" * 40, b"x"], pa.binary_view())',
    decimal: 'pa.array([1, 2], pa.decimal128(10, 2))',
    duration: 'pa.array([1, None], pa.duration("s"))',
    interval: 'pa.array([(1, 2, 3), None], pa.month_day_nano_interval())',
    'time of day': 'pa.array([1, 2], pa.time64("us"))',
    'dictionary of numbers': 'pa.array([1, 2]).dictionary_encode()',
  };
  const kinds = Object.values(extras);
  for (const compression of ['None', '"lz4"', '"zstd"'])
    for (const form of ['stream', 'file'] as const)
      it(`with columns of all types that aren't used for pins is read without them (${form}, compression ${compression})`, async () => {
        const columns = kinds.map((array, index) => `"x${index}": ${array}`);
        const [before, behind] = [columns.slice(0, 5).join(), columns.slice(5).join()];
        const body = bodyOf(`pa.table({${before}, "cid": ["QmA", "QmB"], ${behind}})`, form, compression);
        assert.deepEqual(await pinsOf(body), [{ cid: 'QmA' }, { cid: 'QmB' }]);
      });

  it('whose CIDs are of a type that is not read is unsupported', async () => {
    const bodies = bodiesOf(kinds.map((array) => `pa.table({"cid": ${array}})`));
    for (const [index, kind] of Object.keys(extras).entries())
      await assert.rejects(readArrow(bodies[index] ?? Buffer.alloc(0)), failing('unsupported'), kind);
  });

  it('with a column of views of lists or of runs is read without it; where the column is one of a pin it is unsupported', async () => {
    for (const array of ['pa.array([["a"], None], pa.list_view(pa.utf8()))', 'pa.RunEndEncodedArray.from_arrays([2], [1])']) {
      const pins = await pinsOf(bodyOf(`pa.table({"x": ${array}, "cid": ["QmA", "QmB"]})`));
      assert.deepEqual(
        pins.map(({ cid }) => cid),
        ['QmA', 'QmB'],
      );
      await assert.rejects(readArrow(bodyOf(`pa.table({"cid": ["QmA", "QmB"], "name": ${array}})`)), failing('unsupported'));
    }
  });

  it('with too many columns, or with columns nested too deep, is unsupported, and soon', async () => {
    const deep = 'functools.reduce(lambda inner, _: pa.StructArray.from_arrays([inner], ["a"]), range(60), pa.array([1]))';
    await assert.rejects(readArrow(bodyOf(`pa.table({"cid": ["QmA"], "x": ${deep}})`)), failing('unsupported'));
    const wide = 'pa.table({"cid": ["QmA"], **{str(n): pa.nulls(1) for n in range(100_000)}})';
    await assert.rejects(readArrow(bodyOf(wide)), failing('unsupported'));
  });

  it('without rows is an empty list, in both forms', async () => {
    for (const form of ['stream', 'file'] as const)
      assert.deepEqual(await pinsOf(bodyOf('pa.table({"cid": pa.array([], pa.utf8())})', form)), []);
    const noBatch = `pa.table({"cid": pa.array([], pa.utf8()), "name": pa.array([], pa.null())})`;
    assert.deepEqual(await pinsOf(bodyOf(noBatch)), []);
  });

  it('with null columns, rows without a CID, and slices is read correctly', async () => {
    const table =
      'pa.table({"cid": ["x", "QmA", None, "", "QmB"], "name": pa.nulls(5), "size_bytes": pa.array([1, 2, 3, 4, 2**60], pa.uint64())}).slice(1)';
    assert.deepEqual(await pinsOf(bodyOf(table)), [
      { cid: 'QmA', sizeBytes: 2 },
      { cid: 'QmB', sizeBytes: '1152921504606846976' },
    ]);
  });

  it('without a cid column is malformed, and with one of another kind unsupported', async () => {
    await assert.rejects(readArrow(bodyOf('pa.table({"name": ["a"]})')), failing('malformed'));
    await assert.rejects(readArrow(bodyOf('pa.table({"cid": [["a"]]})')), failing('unsupported'));
    await assert.rejects(readArrow(bodyOf('pa.table({"cid": pa.array([b"a"])})')), failing('unsupported'));
  });
});

describe('a broken Arrow body', () => {
  const bodies: Record<'stream' | 'file', Buffer> = { stream: Buffer.alloc(0), file: Buffer.alloc(0) };
  before(() => {
    for (const form of ['stream', 'file'] as const)
      bodies[form] = readFileSync(makeBody(form, 6, { schema: '10', form, batches: 2 }));
  });

  for (const form of ['stream', 'file'] as const) {
    it(`(${form}) cut anywhere is refused as empty, truncated or malformed`, async () => {
      const body = bodies[form];
      for (let length = 0; length < body.length; length++)
        await assert.rejects(
          readArrow(body.subarray(0, length)),
          failing('empty', 'truncated', 'malformed'),
          `cut to ${length} of ${body.length}`,
        );
    });

    it(`(${form}) with any byte flipped is refused with a reason, or gives rows; it never throws anything else`, async () => {
      const body = bodies[form];
      let refused = 0;
      for (let at = 0; at < body.length; at++) {
        const flipped = Buffer.from(body);
        flipped[at] = (flipped[at] ?? 0) ^ 0xff;
        try {
          assert.ok((await pinsOf(flipped)).length <= 6);
        } catch (error) {
          assert.ok(IpfsKitError.is(error), `byte ${at}: ${String(error)}`);
          refused++;
        }
      }
      assert.ok(refused > body.length / 10);
    });
  }

  it('that is HTML, zeros, or two forms in one is refused', async () => {
    for (const body of [
      Buffer.from('<!doctype html><html></html>'),
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
      Buffer.from('ARROW1\0\0'),
      Buffer.from('ARROW1\0\0ARROW1'),
    ])
      await assert.rejects(readArrow(body), failing('truncated', 'malformed'));
  });

  it('that declares impossible lengths is refused without taking memory', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const body = Buffer.from(bodies.stream);
    for (const length of [2 ** 31 - 8, 0x7ffffff8, -8, 12]) {
      const lying = Buffer.from(body);
      lying.writeInt32LE(length, 4);
      await assert.rejects(readArrow(lying), failing('truncated', 'malformed'), String(length));
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 24);
  });

  it('that declares more rows or bytes than allowed is too large', async () => {
    await assert.rejects(readArrow(bodies.stream, { maxRows: 5 }), failing('too-large'));
    await assert.rejects(readArrow(bodies.stream, { maxBytes: 100 }), failing('too-large'));
  });

  it('with offsets outside the text, or an index outside its dictionary, is malformed', async () => {
    const offsets = bodyOf('pa.table({"cid": ["QmAAAAAA", "QmBBBBBB", "QmCCCCCC"]})');
    const at = offsets.indexOf(Buffer.from(Int32Array.from([0, 8, 16, 24]).buffer));
    assert.ok(at > 0);
    assert.equal((await pinsOf(offsets)).length, 3);
    for (const [index, value] of [
      [1, 17],
      [3, 25],
      [3, 2 ** 31 - 1],
      [0, -1],
      [2, -(2 ** 31)],
    ] as const) {
      const lying = Buffer.from(offsets);
      lying.writeInt32LE(value, at + 4 * index);
      await assert.rejects(readArrow(lying), failing('malformed'), `${index} → ${value}`);
    }
    const dictionary = bodyOf(
      'pa.table({"cid": pa.DictionaryArray.from_arrays(pa.array([1, 0, 1, 1], pa.int32()), ["QmA", "QmB"])})',
    );
    const indices = dictionary.indexOf(Buffer.from(Int32Array.from([1, 0, 1, 1]).buffer));
    assert.ok(indices > 0);
    const lying = Buffer.from(dictionary);
    lying.writeInt32LE(2, indices);
    await assert.rejects(readArrow(lying), failing('malformed'));
  });

  it("whose text isn't UTF-8, or begins within a character, is malformed; the bytes of a null aren't checked", async () => {
    const text = bodyOf('pa.table({"cid": ["QmA", "QmB"], "name": ["é日", "x"]})');
    const at = text.indexOf(Buffer.from('é日x'));
    assert.ok(at > 0);
    for (const [place, byte] of [
      [0, 0x80],
      [0, 0xff],
      [1, 0x78],
      [3, 0xc0],
    ] as const) {
      const lying = Buffer.from(text);
      lying[at + place] = byte;
      await assert.rejects(readArrow(lying), failing('malformed'), `${place} → ${byte}`);
    }
    const offsets = text.indexOf(Buffer.from(Int32Array.from([0, 5, 6]).buffer));
    assert.ok(offsets > 0);
    const within = Buffer.from(text);
    within.writeInt32LE(3, offsets + 4);
    await assert.rejects(readArrow(within), failing('malformed'));

    const buffers = '[pa.py_buffer(b"\\x01"), pa.py_buffer(b"\\0\\0\\0\\0\\1\\0\\0\\0\\2\\0\\0\\0"), pa.py_buffer(b"x\\xff")]';
    const hidden = bodyOf(`pa.table({"cid": ["QmA", "QmB"], "name": pa.Array.from_buffers(pa.utf8(), 2, ${buffers}, 1)})`);
    assert.deepEqual(await pinsOf(hidden), [{ cid: 'QmA', name: 'x' }, { cid: 'QmB' }]);
  });
});

describe('a compressed Arrow body', () => {
  for (const compression of ['"lz4"', '"zstd"']) {
    it(`that decompresses to far more than a list of pins is too large, and takes no memory (${compression})`, async () => {
      const bomb = bodyOf('pa.table({"cid": ["QmA"], "x": ["x" * 100_000_000]})', 'stream', compression);
      const honest = bodyOf('pa.table({"cid": ["QmA"], "x": ["x" * 50_000_000]})', 'stream', compression);
      assert.ok(bomb.length < 1_000_000);
      const before = process.resourceUsage().maxRSS;
      if (compression === '"zstd"') await assert.rejects(readArrow(bomb), failing('too-large'));
      assert.deepEqual(await pinsOf(honest), [{ cid: 'QmA' }]);
      const declared = honest.lastIndexOf(Buffer.from(compression === '"lz4"' ? '04224d18' : '28b52ffd', 'hex')) - 8;
      assert.equal(honest.readBigInt64LE(declared), 50_000_000n);
      for (const lie of [8n, 49_999_999n, 50_000_001n, 60_000_000n]) {
        const lying = Buffer.from(honest);
        lying.writeBigInt64LE(lie, declared);
        await assert.rejects(readArrow(lying), failing('malformed'), String(lie));
      }
      assert.ok(process.resourceUsage().maxRSS - before < 2 ** 18, 'kilobytes');
    });

    it(`of equal values is read: that is what they are compressed for (${compression})`, async () => {
      const table = 'pa.table({"cid": ["QmA"] * 1_000_000, "size_bytes": [7] * 1_000_000, "timestamp": [1.5] * 1_000_000})';
      const opened = await readArrow(bodyOf(table, 'stream', compression));
      assert.equal(await opened.count({}, going), 1_000_000);
    });
  }

  it("may have buffers that aren't compressed, and buffers with only a length", async () => {
    const body = bodyOf('pa.table({"cid": ["QmA", "QmB"], "name": pa.array(["", ""])})', 'stream', '"lz4"');
    assert.deepEqual(await pinsOf(body), [{ cid: 'QmA' }, { cid: 'QmB' }]);
  });
});
