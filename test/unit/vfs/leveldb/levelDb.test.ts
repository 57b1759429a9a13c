import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'; // prettier-ignore
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CID } from 'multiformats/cid';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { checksumOf } from '../../../../src/vfs/leveldb/checksum';
import { getFromLevelDb } from '../../../../src/vfs/leveldb/levelDb';
import { testFolder } from '../../../support/folder';
import type { TestBatch, TestDb } from '../../../support/levelDbWriter';
import { batchBytes, logBytes, tail, text, varint, writeLevelDb } from '../../../support/levelDbWriter';
import { needs, POSIX } from '../../../support/needs';
import { isLong, rounds } from '../../../support/rounds';

const folder = testFolder('level-db');
const FIXTURES = path.join(process.cwd(), 'test/fixtures/leveldb');
const ROOT_KEY = Buffer.from('/local/filesroot');
const { signal } = new AbortController();

/**
 * Datastores that Kubo 0.42.0 wrote, with the root of Files that it then told itself. `log`: killed after the first change. `table`: opened again. `both`: 40
 * further changes. `compacted`: opened twice more. `snappy`: with `"compression": "snappy"` from then on.
 */
const ROOTS = {
  log: 'QmdtgNzDnLKkhyziU3kXRtf4SfAeh1Lah4T5hwVdmXh6Br',
  table: 'QmdtgNzDnLKkhyziU3kXRtf4SfAeh1Lah4T5hwVdmXh6Br',
  both: 'QmW8jUQ6CwriXqvSmumzQ6qrYoNbArQymLiqJejfpUkbUQ',
  compacted: 'QmVQPT2hQ2zZupLSCjCQVRpmpiXuVHbzww2LtxzRQammJ6',
  snappy: 'QmR2LLPBUG9AUKZVfbLW3gnfzKz3j3wA2d328EhfMyt14n',
} as const;
type Fixture = keyof typeof ROOTS;

/** No multiple of it is the size of a field or record, so that it meets all parts of a file. */
const STRIDE = isLong ? 1 : 5;

const newFolder = (): string => mkdtempSync(path.join(folder, 'db-'));
const get = async (at: string, key: string): Promise<string | undefined> => {
  const { value } = await getFromLevelDb(at, Buffer.from(key), signal);
  return value && Buffer.from(value).toString();
};
const rootIn = async (at: string): Promise<string | undefined> => {
  const { value } = await getFromLevelDb(at, ROOT_KEY, signal);
  return value && CID.decode(value).toString();
};
/** The root, or the reason why it isn't known. */
const outcome = (at: string): Promise<string | undefined> =>
  rootIn(at).catch((error: unknown) => {
    assert.ok(IpfsKitError.is(error, 'corrupt', 'truncated', 'too-large', 'unsupported', 'missing'), String(error));
    return error.reason;
  });
const write = (key: string, value?: string): { key: string; value?: Buffer } => ({
  key,
  ...(value !== undefined && { value: Buffer.from(value) }),
});
const batch = (sequence: number, ...writes: TestBatch['writes']): TestBatch => ({ sequence, writes });
const made = (db: TestDb): string => {
  const at = newFolder();
  writeLevelDb(at, db);
  return at;
};

describe('a LevelDB that Kubo wrote', () => {
  for (const [name, root] of Object.entries(ROOTS))
    it(`has the root of Files that Kubo told: ${name}`, async () => {
      assert.equal(await rootIn(path.join(FIXTURES, name)), root);
      assert.equal(await get(path.join(FIXTURES, name), '/local/filesroo'), undefined);
      assert.equal(await get(path.join(FIXTURES, name), '/local/filesroot/'), undefined);
    });

  it('is only read: no file is added, changed or locked', async () => {
    const at = newFolder();
    cpSync(path.join(FIXTURES, 'both'), at, { recursive: true });
    const state = (): unknown => readdirSync(at).map((name) => [name, readFileSync(path.join(at, name), 'hex')]);
    const before = state();
    assert.equal(await rootIn(at), ROOTS.both);
    assert.deepEqual(state(), before);
  });

  /** Calls `check` with a copy of a fixture, each of whose files `spoil` changes at each byte, or every few bytes in a short run. */
  const atEachByte = async (
    name: Fixture,
    spoil: (bytes: Buffer, at: number) => Buffer,
    check: (found: string | undefined, file: string, at: number, bytes: Buffer) => void,
  ): Promise<number> => {
    const at = newFolder();
    cpSync(path.join(FIXTURES, name), at, { recursive: true });
    let checked = 0;
    for (const file of readdirSync(at)) {
      const bytes = readFileSync(path.join(at, file));
      for (let position = 0; position < bytes.length; position += STRIDE, checked++) {
        writeFileSync(path.join(at, file), spoil(Buffer.from(bytes), position));
        check(await outcome(at), file, position, bytes);
      }
      writeFileSync(path.join(at, file), bytes);
    }
    assert.equal(await rootIn(at), ROOTS[name]);
    return checked;
  };
  const REASONS = ['corrupt', 'truncated', 'too-large', 'unsupported', 'missing'];

  for (const name of isLong ? (['log', 'both', 'compacted', 'snappy'] as const) : (['both', 'snappy'] as const)) {
    for (const bit of isLong ? [0, 1, 2, 3, 4, 5, 6, 7] : [undefined])
      it(`gives the right root or an error with any byte changed: ${name}${bit === undefined ? '' : `, bit ${bit}`}`, async () => {
        const errors = new Set<string>();
        const flip = (bytes: Buffer, at: number): Buffer => {
          bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit ?? at % 8));
          return bytes;
        };
        const checked = await atEachByte(name, flip, (found, file, at) => {
          if (found !== ROOTS[name]) assert.ok(REASONS.includes(found ?? ''), `${file} ${at}: ${found}`);
          if (found !== ROOTS[name] && found !== undefined) errors.add(found);
        });
        assert.ok(checked > 1500 / STRIDE && errors.has('corrupt'), [...errors].join());
      });

    it(`gives the right root or an error with any file cut at any byte: ${name}`, async () => {
      const earlier: string[] = [];
      await atEachByte(
        name,
        (bytes, at) => bytes.subarray(0, at),
        (found, file, at, bytes) => {
          if (found === ROOTS[name]) return;
          // A log that ends where a record does is one to which less was written.
          if (file.endsWith('.log') && endsOfRecords(bytes).includes(at)) return void earlier.push(found ?? 'none');
          assert.ok(REASONS.includes(found ?? ''), `${file} cut at ${at}: ${found}`);
        },
      );
      assert.ok(earlier.every((found) => !REASONS.includes(found)));
    });
  }

  /** The positions in a log of one block at which it may end. */
  function endsOfRecords(log: Buffer): readonly number[] {
    const ends = [0];
    for (let at = 0; at < log.length; ends.push(at)) at += 7 + log.readUInt16LE(at + 4);
    return ends;
  }

  it('is an error where a file of it is missing', async () => {
    for (const name of ['both', 'compacted', 'snappy'] as const)
      for (const file of readdirSync(path.join(FIXTURES, name))) {
        const at = newFolder();
        cpSync(path.join(FIXTURES, name), at, { recursive: true });
        rmSync(path.join(at, file));
        const found = await outcome(at);
        assert.ok(found === ROOTS[name] || found === 'corrupt' || found === 'missing', `${name} without ${file}: ${found}`);
        // Not where the table doesn't have the key, or belongs to an earlier version and has not been deleted yet.
        if (!/^0000(?:02|23|26)\.ldb$/.test(file)) assert.notEqual(found, ROOTS[name], `${name} without ${file}`);
      }
  });
});

describe('a LevelDB', () => {
  it('has checksums as their standard says, masked', () => {
    // RFC 3720, B.4, has the CRC-32C of 32 zeros: 8a9136aa.
    const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
    assert.equal(checksumOf(new Uint8Array(32)), masked(0x8a9136aa));
    assert.equal(checksumOf(Buffer.from('123456789')), masked(0xe3069283));
  });

  it('gives the value with the highest number, wherever it is: in a log, an older log, a table of any level', async () => {
    const at = made({
      logs: {
        8: [batch(50, write('log', 'new'), write('old', 'in log'))],
        9: [batch(60, write('newest', 'x'), write('newest', 'y'))],
      },
      tables: [
        { number: 3, level: 2, batches: [batch(1, write('log', 'old'), write('a', '2'), write('z'))] },
        { number: 5, level: 0, batches: [batch(20, write('a', '0'), write('table', 'first'))] },
        { number: 6, level: 0, batches: [batch(90, write('old', 'in table'), write('table'))] },
      ],
      deleted: [2],
    });
    const found = await Promise.all(['log', 'old', 'newest', 'a', 'table', 'z', 'absent', ''].map((key) => get(at, key)));
    assert.deepEqual(found, ['new', 'in table', 'y', '0', undefined, undefined, undefined, undefined]);
  });

  it('ignores logs that are in tables already', async () => {
    const at = made({
      logNumber: 7,
      logs: { 4: [batch(99, write('a', 'stale'))], 7: [] },
      tables: [{ number: 5, level: 0, batches: [batch(1, write('a', 'right'))] }],
    });
    assert.equal(await get(at, 'a'), 'right');
  });

  it('gives what a map has, after any batches, flushed and compacted at any time', async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.array(fc.tuple(fc.nat(12), fc.option(fc.nat({ max: isLong ? 90_000 : 40_000 }))), { maxLength: 6 }),
      },
      { weight: 1, arbitrary: fc.constant('flush' as const) },
      { weight: 1, arbitrary: fc.constant('compact' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.constantFrom(50, 4096), async (steps, blockBytes) => {
        const expected = new Map<string, Buffer>();
        let [sequence, number] = [1, 10];
        let log: TestBatch[] = [];
        let tables: TestDb['tables'] = [];
        for (const each of steps) {
          const flushed = log.filter(({ writes }) => writes.length > 0);
          if (typeof each === 'string') {
            if (flushed.length > 0) tables = [...tables, { number: ++number, level: 0, batches: flushed, blockBytes }];
            log = [];
            if (each === 'compact' && tables.length > 0)
              tables = [{ number: ++number, level: 1, batches: tables.flatMap(({ batches }) => batches), blockBytes }];
            continue;
          }
          const writes = each.map(([key, length]) => ({
            key: `key-${key}`,
            ...(length !== null && { value: Buffer.alloc(length, sequence % 251) }),
          }));
          log.push({ sequence, writes });
          sequence += writes.length;
          for (const { key, value } of writes) {
            if (value) expected.set(key, value);
            else expected.delete(key);
          }
        }
        const at = made({ logs: { [number + 1]: log }, tables });
        for (let key = 0; key <= 12; key++) {
          const { value } = await getFromLevelDb(at, Buffer.from(`key-${key}`), signal);
          const right = expected.get(`key-${key}`);
          assert.ok(value && right ? right.equals(value) : value === right, `key-${key}`);
        }
        rmSync(at, { recursive: true });
      }),
      { numRuns: rounds(300) },
    );
  });

  it('says when it was written to last', async () => {
    const at = made({ logs: { 2: [batch(1, write('a', 'x'))] }, tables: [] });
    const before = Date.now();
    appendFileSync(path.join(at, '000002.log'), logBytes([batchBytes(batch(2, write('a', 'y')))]));
    const { value, writtenMs } = await getFromLevelDb(at, Buffer.from('a'), signal);
    assert.equal(Buffer.from(value ?? []).toString(), 'y');
    assert.ok(Math.abs(writtenMs - before) < 10_000, `${writtenMs - before}`);
  });

  const db: TestDb = {
    logs: { 8: [batch(5, write('a', 'x'))] },
    tables: [{ number: 3, level: 1, batches: [batch(1, write('a', 'old'))] }],
  };
  const rejects = (at: string, reason: string, message: RegExp): Promise<void> =>
    assert.rejects(get(at, 'a'), { reason, message });

  it('is an error with the reason where it is not one that Kubo left whole', async () => {
    await rejects(path.join(folder, 'nowhere'), 'missing', /nowhere doesn't exist/);
    await rejects(newFolder(), 'missing', /CURRENT doesn't exist/);
    await rejects(made({ ...db, comparator: 'other' }), 'unsupported', /another order of keys/);
    await rejects(made({ ...db, nextNumber: 3 }), 'corrupt', /its manifest ends before table 3/);
    await rejects(made({ ...db, logNumber: 4 }), 'corrupt', /its log 4 is missing/);
    const two = made(db);
    writeFileSync(path.join(two, 'MANIFEST-000009'), '');
    await rejects(two, 'corrupt', /it names manifest 1, and 9 is newer/);
    const torn = made(db);
    truncateSync(path.join(torn, '000008.log'), 15);
    await rejects(torn, 'truncated', /000008.log ends too early/);
    const zeros = made(db);
    appendFileSync(path.join(zeros, '000008.log'), Buffer.alloc(100));
    await rejects(zeros, 'corrupt', /checksum/);
    const longer = made(db);
    appendFileSync(path.join(longer, '000003.ldb'), 'x');
    await rejects(longer, 'corrupt', /more bytes than were written/);
    const huge = made(db);
    truncateSync(path.join(huge, '000008.log'), 2 ** 30);
    await rejects(huge, 'too-large', /1,073,741,824 bytes/);
    const folderInPlace = made(db);
    rmSync(path.join(folderInPlace, '000008.log'));
    mkdirSync(path.join(folderInPlace, '000008.log'));
    await rejects(folderInPlace, 'not-a-file', /isn't a regular file/);
  });

  it('never waits for a FIFO in place of a file', needs(POSIX), async () => {
    for (const file of ['CURRENT', 'MANIFEST-000001', '000003.ldb', '000008.log']) {
      const at = made(db);
      rmSync(path.join(at, file));
      execFileSync('mkfifo', [path.join(at, file)]);
      await rejects(at, 'not-a-file', /isn't a regular file/);
    }
  });

  it('is read again where its files change meanwhile, and is busy where they always do', async () => {
    const at = made({
      ...db,
      logs: { 8: Array.from({ length: 40 }, (_, of) => batch(5 + of, { key: 'k', value: Buffer.alloc(99_000) })) },
    });
    const log = path.join(at, '000008.log');
    const reading = get(at, 'a');
    const moved = path.join(at, '000020.log');
    setImmediate(() => {
      renameSync(log, moved); // as where a log has gone into a table
      writeLevelDb(at, { ...db, logs: { 21: [batch(200, write('a', 'after'))] }, nextNumber: 30 });
    });
    assert.equal(await reading, 'after');

    const always = made({
      ...db,
      logs: { 8: Array.from({ length: 40 }, (_, of) => batch(5 + of, { key: 'k', value: Buffer.alloc(99_000) })) },
    });
    let isReading = true;
    const append = (): void => {
      if (!isReading) return;
      appendFileSync(path.join(always, '000008.log'), logBytes([batchBytes(batch(100, write('a', 'x')))]));
      setImmediate(append);
    };
    append();
    await assert.rejects(get(always, 'a'), { reason: 'busy', message: /is being written to/ });
    isReading = false;
  });

  it('is not read on and on: what takes long can be canceled, and what has no end is too large', async () => {
    /** Canceled after some turns of the thread, of which small databases take fewer. */
    const canceled = async (of: TestDb): Promise<void> => {
      const stop = new AbortController();
      let turns = 0;
      const turn = (): void => {
        if (++turns < 12) setImmediate(turn);
        else stop.abort();
      };
      setImmediate(turn);
      await assert.rejects(getFromLevelDb(made(of), Buffer.from('b'), stop.signal), { reason: 'cancelled' });
    };
    const times = (count: number, bytes: Uint8Array): Buffer => Buffer.alloc(count * bytes.length, bytes);
    // A batch of a million deletions of two bytes, an edit of a million fields, and a million keys of a megabyte in three bytes each.
    const million = Buffer.concat([batchBytes(batch(1)), times(1_000_000, Buffer.from([0, 0]))]);
    million.writeUInt32LE(1_000_000, 8);
    const at = made(db);
    writeFileSync(path.join(at, '000008.log'), logBytes([million]));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    await assert.rejects(getFromLevelDb(at, Buffer.from('b'), stop.signal), { reason: 'cancelled' });
    await canceled({ ...db, edit: times(1_000_000, Buffer.from([6, 1, 99])) });
    const long = Buffer.concat([...[0, 1_000_008, 0].map(varint), Buffer.alloc(1_000_000, 'a'), tail('', 1)]);
    const same = Buffer.concat([1_000_008, 0, 0].map(varint));
    const block = Buffer.concat([long, times(1_000_000, same), Buffer.alloc(4)]);
    const table = { number: 3, level: 1, batches: [batch(1, write('a', 'x'), write('c', 'x'))], block };
    await canceled({ ...db, tables: [table] });
    assert.equal(await get(made({ ...db, logs: { 8: [] }, tables: [table] }), 'b'), undefined);

    const added = (number: number): Buffer =>
      Buffer.concat([...[7, 1, number, 5].map(varint), text(tail('a', 1)), text(tail('b', 1))]);
    const tables = Buffer.concat(Array.from({ length: 10_001 }, (_, number) => added(100 + number)));
    await rejects(made({ ...db, edit: tables }), 'too-large', /names more tables for one key/);
    const many = made(db);
    for (let number = 100; number < 1100; number++) writeFileSync(path.join(many, `${number}.log`), '');
    await rejects(many, 'too-large', /more logs and manifests/);
  });

  it('stops when it is canceled', async () => {
    const canceled = AbortSignal.abort();
    await assert.rejects(getFromLevelDb(path.join(FIXTURES, 'log'), ROOT_KEY, canceled), { reason: 'cancelled' });
  });
});
