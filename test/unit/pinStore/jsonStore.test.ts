import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { Pin } from '../../../src/pin/pin';
import { readJsonStore } from '../../../src/pinStore/jsonStore';
import { locateStores } from '../../../src/pinStore/locate';
import { openNewestStore } from '../../../src/pinStore/openNewestStore';
import { isLong, rounds } from '../../support/rounds';
import { because, fixture, NEVER, newFile, newFolder, settled, TABLES, WASM_FILE } from './testDatabases';

const README = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPaG8';
const OPTIONS = { tables: TABLES, wasmFile: WASM_FILE };

async function pinsOf(file: string): Promise<Pin[]> {
  const table = await readJsonStore(file, TABLES);
  try {
    return await table.page({ limit: 10_000 }, NEVER);
  } finally {
    table.close();
  }
}

function fileOf(content: string | Uint8Array, secondsAgo = 60): string {
  const file = newFile('pins.json');
  writeFileSync(file, content);
  return settled(file, secondsAgo);
}

const failing =
  (...reasons: IpfsKitError['reason'][]) =>
  (error: unknown): boolean =>
    IpfsKitError.is(error, ...reasons);

describe("the pins.json of ipfs_kit_py's dashboard", () => {
  const written = fixture('json/pins.json');

  it('is found in the data folder, recognized by its content, and read as it was written', async () => {
    const root = newFolder();
    const file = path.join(root, 'pins.json');
    writeFileSync(file, readFileSync(written));
    settled(file);
    assert.deepEqual(
      locateStores(root).candidates.map((found) => [found.path, found.format, found.sizeBytes]),
      [[file, 'json', 147]],
    );
    const store = await openNewestStore(root, OPTIONS);
    assert.deepEqual([store.path, store.format, store.modifiedMs], [file, 'json', statSync(file).mtimeMs]);
    assert.deepEqual(await store.table.page({}, NEVER), [{ cid: README, name: 'readme', pinnedAt: '2026-11-23T04:44:27.563Z' }]);
    store.table.close();
  });

  it('is filtered, sorted and grouped like any list', async () => {
    const rows = [
      { cid: README, name: 'b', created_at: '2026-01-02T00:00:00+00:00' },
      { cid: 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi', name: 'a', created_at: '2026-02-02T00:00:00+02:00' },
      { cid: 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy', name: null, created_at: NaN, more: [1, { x: 2 }] },
      { name: 'no CID' },
    ];
    const table = await readJsonStore(fileOf(JSON.stringify(rows).replace('"created_at":null', '"created_at":NaN')), TABLES);
    assert.equal(await table.count({}, NEVER), 3);
    assert.deepEqual(
      (await table.page({ sort: 'name' }, NEVER)).map(({ name }) => name),
      ['a', 'b', undefined],
    );
    assert.deepEqual(
      (await table.groups('month', {}, NEVER)).map(({ key, count }) => [key, count]),
      [
        ['2026-01', 1],
        ['2026-02', 1],
        [undefined, 1],
      ],
    );
    table.close();
  });

  it('may have no pins', async () => {
    assert.deepEqual(await pinsOf(fileOf('[]')), []);
  });

  it('gives each fault its own reason, and names the file', async () => {
    for (const [content, reason] of [
      ['', 'empty'],
      ['[{"cid":"QmA"', 'corrupt'],
      ['[{"cid":"QmA"}] and more', 'corrupt'],
      ['[1,2]', 'corrupt'],
      [Buffer.from('[{"cid":"\xff"}]', 'latin1'), 'corrupt'],
      ['['.repeat(100_000), 'corrupt'],
      [`[{"cid":"QmA","x":${'['.repeat(70)}${']'.repeat(70)}}]`, 'corrupt'],
      ['{"tools":{}}', 'no-pins-table'],
      ['[{"name":"x"}]', 'no-pins-table'],
      [`[{"cid":"${'Q'.repeat(2 ** 20)}"}]`, 'too-large'],
    ] as const) {
      const file = fileOf(content);
      await assert.rejects(readJsonStore(file, TABLES), because(reason, file), content.slice(0, 40).toString());
    }
    const huge = fileOf('[');
    truncateSync(huge, 2 ** 28 + 1);
    await assert.rejects(readJsonStore(huge, TABLES), because('too-large', huge));
    const folder = newFolder();
    await assert.rejects(readJsonStore(folder, TABLES), because('not-a-file', folder));
  });

  it('cut at any byte gives an error, never some of its pins', async () => {
    const cid = fc.constantFrom(README, 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi', 'not a cid');
    const row = fc.record({ cid, name: fc.string({ unit: 'grapheme', maxLength: 8 }), created_at: fc.string({ maxLength: 5 }) });
    const texts = fc
      .array(row, { minLength: 1, maxLength: 4 })
      .map((rows) => JSON.stringify(rows, undefined, 2))
      .map((text) => Buffer.from(text));
    const ofWritten = fc.constant(readFileSync(written));
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 1, arbitrary: ofWritten }, { weight: 9, arbitrary: texts }), async (bytes) => {
        const file = fileOf(bytes);
        const whole = await pinsOf(file);
        assert.equal(whole.length, (JSON.parse(bytes.toString()) as unknown[]).length);
        for (let length = 0; length < bytes.length; length++) {
          writeFileSync(file, bytes.subarray(0, length));
          settled(file);
          await assert.rejects(readJsonStore(file, TABLES), failing('empty', 'corrupt'), String(length));
        }
      }),
      { numRuns: isLong ? 60 : 6 },
    );
  });

  it('with any byte changed gives rows or an IpfsKitError', async () => {
    const bytes = readFileSync(written);
    const file = newFile('pins.json');
    for (let at = 0; at < bytes.length; at++) {
      for (const to of [0, 0x22, 0x5b, 0x5c, 0x7d, 0xff]) {
        const damaged = Buffer.from(bytes);
        damaged[at] = to;
        writeFileSync(file, damaged);
        const pins = await pinsOf(settled(file)).catch((error: unknown) => error);
        const isOwn = Array.isArray(pins) ? pins.length <= 1 : failing('corrupt', 'no-pins-table')(pins);
        assert.ok(isOwn, `${at} ${to}: ${String(pins)}`);
      }
    }
  });
});

describe('a pins.json that is being written', () => {
  it('is read once it is whole: emptied and filled, as Python writes it', async () => {
    const root = newFolder();
    const file = path.join(root, 'pins.json');
    writeFileSync(file, '');
    const opening = openNewestStore(root, OPTIONS);
    await sleep(60);
    writeFileSync(file, '[{"cid":"QmA"');
    await sleep(60);
    writeFileSync(file, '[{"cid":"QmA"},{"cid":"QmB"}]');
    const { table } = await opening;
    assert.equal(await table.count({}, NEVER), 2);
    table.close();
  });

  it('never gives a mixture of two lists, and no error, while a program writes it again and again', async () => {
    const file = newFile('pins.json');
    mkdirSync(path.dirname(file), { recursive: true });
    const rows = (count: number): object[] => Array.from({ length: count }, (_, at) => ({ cid: `Qm${count}x${at}` }));
    writeFileSync(file, JSON.stringify(rows(1)));
    const writer = spawn(
      process.env['IPFS_KIT_TEST_PYTHON'] ?? 'python3',
      [
        '-c',
        `import json, sys, time
print("ready", flush=True)
n = 0
while True:
    n += 1
    count = 1 + n % 400
    text = json.dumps([{"cid": f"Qm{count}x{at}"} for at in range(count)], indent=2)
    with open(sys.argv[1], "w") as f:
        for at in range(0, len(text), 4000):
            f.write(text[at:at + 4000]); f.flush()
    time.sleep(0.004)`,
        file,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await once(writer.stdout, 'data');
      const seen = new Set<number>();
      // On a busy machine the writer may get no turn for many reads.
      for (let round = 0; round < rounds(600) || seen.size <= 5; round++) {
        const pins = await pinsOf(file);
        seen.add(pins.length);
        assert.deepEqual(
          pins.map(({ cid }) => cid),
          rows(pins.length).map((row) => (row as { cid: string }).cid),
        );
      }
    } finally {
      writer.kill();
      await once(writer, 'exit');
    }
  });

  it('is busy, not damaged, where a program keeps writing it and it is never whole', async () => {
    const part = '[{"cid":"QmA"';
    const file = fileOf(part);
    const write = (): void => writeFileSync(file, part);
    write();
    const writing = setInterval(write, 20);
    await assert.rejects(readJsonStore(file, TABLES), because('busy', file)).finally(() => clearInterval(writing));
  });

  it('ends when it is canceled', async () => {
    const file = newFile('pins.json');
    writeFileSync(file, '[');
    const controller = new AbortController();
    const reading = readJsonStore(file, TABLES, controller.signal);
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(reading, failing('cancelled'));
    rmSync(file);
  });
});
