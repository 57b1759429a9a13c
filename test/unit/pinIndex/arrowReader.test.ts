import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Reason } from '../../../src/ipfsKitError';
import { IpfsKitError } from '../../../src/ipfsKitError';
import type { Pin } from '../../../src/pin/pin';
import { readArrow } from '../../../src/pinIndex/arrowReader';
import { oraclePins, python } from '../../support/python';

const folder = mkdtempSync(path.join(tmpdir(), 'arrow-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const going = new AbortController().signal;
const fixtures = path.join(process.cwd(), 'test/fixtures/arrow');

async function pinsOf(body: Uint8Array): Promise<Pin[]> {
  const table = readArrow(body);
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

/** A body of any table that pyarrow can make: `table` is a Python expression. */
function bodyOf(table: string, form: 'stream' | 'file' = 'stream'): Buffer {
  const file = path.join(folder, 'made');
  const code = `import pyarrow as pa, sys
table = ${table}
with pa.OSFile(sys.argv[1], "wb") as sink, pa.ipc.new_${form}(sink, table.schema) as writer: writer.write_table(table)`;
  python(code, file);
  return readFileSync(file);
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
      it(`compressed by ${compression} is told as unsupported (${form})`, () => {
        const file = makeBody('compressed', 3000, { compression, form, batches: 3 });
        assert.throws(() => readArrow(readFileSync(file)), failing('unsupported'));
      });

  it('without rows is an empty list, in both forms', async () => {
    for (const form of ['stream', 'file'] as const)
      assert.deepEqual(await pinsOf(bodyOf('pa.table({"cid": pa.array([], pa.utf8())})', form)), []);
    const noBatch = `pa.table({"cid": pa.array([], pa.utf8()), "name": pa.array([], pa.null())})`;
    assert.deepEqual(await pinsOf(bodyOf(noBatch)), []);
  });

  it('with null columns, rows without a CID, and slices is read for what it holds', async () => {
    const table =
      'pa.table({"cid": ["x", "QmA", None, "", "QmB"], "name": pa.nulls(5), "size_bytes": pa.array([1, 2, 3, 4, 2**60], pa.uint64())}).slice(1)';
    assert.deepEqual(await pinsOf(bodyOf(table)), [
      { cid: 'QmA', sizeBytes: 2 },
      { cid: 'QmB', sizeBytes: '1152921504606846976' },
    ]);
  });

  it('without a cid column is malformed, and with one of another kind unsupported', () => {
    assert.throws(() => readArrow(bodyOf('pa.table({"name": ["a"]})')), failing('malformed'));
    assert.throws(() => readArrow(bodyOf('pa.table({"cid": [["a"]]})')), failing('unsupported'));
    assert.throws(() => readArrow(bodyOf('pa.table({"cid": pa.array([b"a"])})')), failing('unsupported'));
  });
});

describe('a broken Arrow body', () => {
  const bodies: Record<'stream' | 'file', Buffer> = { stream: Buffer.alloc(0), file: Buffer.alloc(0) };
  before(() => {
    for (const form of ['stream', 'file'] as const)
      bodies[form] = readFileSync(makeBody(form, 6, { schema: '10', form, batches: 2 }));
  });

  for (const form of ['stream', 'file'] as const) {
    it(`(${form}) cut anywhere is refused as empty, truncated or malformed`, () => {
      const body = bodies[form];
      for (let length = 0; length < body.length; length++)
        assert.throws(
          () => readArrow(body.subarray(0, length)),
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

  it('that is HTML, zeros, or two forms in one is refused', () => {
    for (const body of [
      Buffer.from('<!doctype html><html></html>'),
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
      Buffer.from('ARROW1\0\0'),
      Buffer.from('ARROW1\0\0ARROW1'),
    ])
      assert.throws(() => readArrow(body), failing('truncated', 'malformed'));
  });

  it('that declares impossible lengths is refused without taking memory', () => {
    const before = process.memoryUsage().arrayBuffers;
    const body = Buffer.from(bodies.stream);
    for (const length of [2 ** 31 - 8, 0x7ffffff8, -8, 12]) {
      const lying = Buffer.from(body);
      lying.writeInt32LE(length, 4);
      assert.throws(() => readArrow(lying), failing('truncated', 'malformed'), String(length));
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 24);
  });

  it('that declares more rows or bytes than allowed is too large', () => {
    assert.throws(() => readArrow(bodies.stream, { maxRows: 5 }), failing('too-large'));
    assert.throws(() => readArrow(bodies.stream, { maxBytes: 100 }), failing('too-large'));
  });

  it('with offsets that lead out of the text, or an index out of its dictionary, is malformed', async () => {
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
      assert.throws(() => readArrow(lying), failing('malformed'), `${index} → ${value}`);
    }
    const dictionary = bodyOf(
      'pa.table({"cid": pa.DictionaryArray.from_arrays(pa.array([1, 0, 1, 1], pa.int32()), ["QmA", "QmB"])})',
    );
    const indices = dictionary.indexOf(Buffer.from(Int32Array.from([1, 0, 1, 1]).buffer));
    assert.ok(indices > 0);
    const lying = Buffer.from(dictionary);
    lying.writeInt32LE(2, indices);
    assert.throws(() => readArrow(lying), failing('malformed'));
  });
});
