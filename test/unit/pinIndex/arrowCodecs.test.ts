import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { unpackLz4Frame } from '../../../src/pinIndex/lz4Frame';
import { unpackZstd } from '../../../src/pinIndex/zstdFrame';
import { python } from '../../support/python';

const folder = mkdtempSync(path.join(tmpdir(), 'codecs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const UNPACK = { lz4: unpackLz4Frame, zstd: unpackZstd };
type Codec = keyof typeof UNPACK;

/** What columns are like: text, CIDs, offsets, bits, and the extremes. */
const PACK = `import pyarrow as pa, random, sys
from pathlib import Path
chance = random.Random(7)
letters = b"abcdefghijklmnopqrstuvwxyz234567"
cases = {
    "empty": b"", "one": b"a", "few": b"abcabc" * 3, "zeros": bytes(300_000), "random": chance.randbytes(200_000),
    "words": " ".join(chance.choice(["alpha", "beta", "gamma", "delta", "é"]) for _ in range(60_000)).encode(),
    "cids": b"".join(b"bafybei" + bytes(chance.choice(letters) for _ in range(52)) for _ in range(5_000)),
    "offsets": b"".join((at * 59).to_bytes(4, "little") for at in range(50_000)),
    "skewed": bytes(min(255, int(chance.expovariate(0.3))) for _ in range(150_000)),
    "json": b'{"cid":"Qm","name":null,"size":17}' * 900,
}
for name, raw in cases.items():
    Path(sys.argv[1], name).write_bytes(raw)
    Path(sys.argv[1], name + ".lz4").write_bytes(pa.Codec("lz4").compress(raw).to_pybytes())
    for level in (1, 3, 9, 19):
        Path(sys.argv[1], f"{name}.{level}.zstd").write_bytes(pa.Codec("zstd", level).compress(raw).to_pybytes())`;

before(() => python(PACK, folder));

const read = (file: string): Uint8Array => new Uint8Array(readFileSync(path.join(folder, file)));

for (const codec of ['lz4', 'zstd'] as const) {
  const unpack = UNPACK[codec];

  describe(`an unpacked ${codec} frame`, () => {
    it('is what went into it', () => {
      const files = readdirSync(folder).filter((file) => file.endsWith(`.${codec}`));
      assert.equal(files.length, codec === 'lz4' ? 10 : 40);
      for (const file of files) {
        const raw = read(file.split('.')[0] ?? '');
        assert.ok(Buffer.from(unpack(read(file), raw.length)).equals(raw), file);
      }
    });

    it('is refused when it is not exactly as long as was said', () => {
      for (const name of ['few', 'words', 'zeros', 'random']) {
        const { length } = read(name);
        for (const wrong of [0, length - 1, length + 1, 2 * length])
          assert.throws(() => unpack(packed(name, codec), wrong), RangeError, `${name} as ${wrong}`);
      }
    });

    it('is refused when the frame is cut anywhere', () => {
      for (const name of ['few', 'json', 'one']) {
        const whole = packed(name, codec);
        const { length } = read(name);
        for (let end = 0; end < whole.length; end++)
          assert.throws(() => unpack(whole.subarray(0, end), length), RangeError, `${name} cut to ${end}`);
      }
    });

    it('is refused, or of the length that was said, when any bit of the frame is turned round', () => {
      for (const name of ['few', 'json', 'offsets', 'skewed']) {
        const whole = packed(name, codec);
        const { length } = read(name);
        let refused = 0;
        let tried = 0;
        for (let at = 0; at < whole.length; at += at < 600 ? 1 : 977)
          for (let bit = 0; bit < 8; bit++) {
            const changed = Uint8Array.from(whole);
            changed[at] = (changed[at] ?? 0) ^ (1 << bit);
            tried++;
            try {
              assert.equal(unpack(changed, length).length, length);
            } catch (error) {
              assert.ok(error instanceof RangeError, `${name}, bit ${bit} of byte ${at}: ${String(error)}`);
              refused++;
            }
          }
        assert.ok(refused > 0 && refused < tried + 1, `${refused} of ${tried}`);
      }
    });
  });
}

function packed(name: string, codec: Codec): Uint8Array {
  return read(codec === 'lz4' ? `${name}.lz4` : `${name}.3.zstd`);
}

describe('a bomb', () => {
  it('of LZ4 is refused before memory is taken for what so few bytes cannot hold', () => {
    const frame = packed('zeros', 'lz4');
    assert.throws(() => unpackLz4Frame(frame, frame.length * 256), RangeError);
  });

  it('of ZSTD stops where it holds more than was said', () => {
    const block = [
      ...[2 | ((1 << 17) << 3)].flatMap((header) => [header & 255, (header >> 8) & 255, (header >> 16) & 255]),
      0x61,
    ];
    const frame = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, ...Array<number[]>(1000).fill(block).flat(), 1, 0, 0]);
    assert.equal(unpackZstd(frame, 1000 * 2 ** 17).length, 1000 * 2 ** 17);
    assert.throws(() => unpackZstd(frame, 2 ** 20), RangeError);
  });

  it('that refers to a dictionary, or to what came before it, is refused', () => {
    const frame = packed('json', 'zstd');
    const withDictionary = Uint8Array.from(frame);
    withDictionary[4] = (withDictionary[4] ?? 0) | 1;
    assert.throws(() => unpackZstd(withDictionary, read('json').length), RangeError);
    const two = new Uint8Array([...frame, ...frame]);
    const json = read('json');
    assert.deepEqual(unpackZstd(two, 2 * json.length), new Uint8Array([...json, ...json]));
    assert.throws(() => unpackZstd(new Uint8Array([...frame, 1, 2, 3, 4]), json.length), RangeError);
  });
});
