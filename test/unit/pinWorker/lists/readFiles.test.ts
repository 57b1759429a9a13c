import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { CID as Cid } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { create } from 'multiformats/hashes/digest';
import type { ColumnSource } from '../../../../src/pin/columnSource';
import { readFiles } from '../../../../src/pinWorker/lists/readFiles';
import type { StreamedList, StreamedListOptions } from '../../../../src/pinWorker/lists/streamedList';
import { withStandIn } from '../../../support/daemonStandIn';
import { blockGet } from '../../../support/filesStandIn';
import { testFolder } from '../../../support/folder';
import type { Blocks } from '../../../support/ipfsTree';
import { blockFile, importTree, writeRepository } from '../../../support/ipfsTree';
import { Made } from '../../../support/madeBlocks';

const folder = testFolder('read-files');

type Row = readonly [name: string, cid: string, size: number];

function rowsOf(columns: ColumnSource): Row[] {
  const of = (column: string, row: number): string => {
    const value = columns.uncutValue?.(column, row);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  return Array.from({ length: columns.rows }, (_, row): Row => {
    return [of('name', row), of('cid', row), Number(of('size_bytes', row))];
  });
}

const sorted = (rows: readonly Row[]): Row[] => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

interface Read {
  readonly list: StreamedList;
  readonly rows: readonly Row[];
  /** The CIDs of the blocks that Kubo was asked for. */
  readonly asked: readonly string[];
}

/** Reads a root folder from a server with these blocks, and from a repository where one is given. */
async function read(
  root: CID,
  blocks: Blocks,
  { repository, ...options }: Partial<StreamedListOptions> & { readonly repository?: string } = {},
): Promise<Read> {
  const asked: string[] = [];
  let list: StreamedList | undefined;
  await withStandIn({ 'POST /api/v0/block/get': blockGet(blocks, asked) }, async (url) => {
    const nothing = (): void => undefined;
    const usual = { signal: new AbortController().signal, onReceived: nothing, onSoFar: nothing };
    list = await readFiles({ access: { url }, root: root.toString(), repository }, { ...usual, ...options });
  });
  if (!list) throw new Error('Nothing was read.');
  return { list, rows: rowsOf(list.columns), asked };
}

function* files(count: number, size = 10): Generator<{ path: string; content: Uint8Array }> {
  for (let at = 0; at < count; at++) yield { path: `file-${at}.txt`, content: Buffer.alloc(size, `${at} `) };
}

/** A tree of this many files, with the rows that its root folder has. */
async function treeOf(count: number, isSharded: boolean) {
  const tree = await importTree(files(count), { shardSplitThresholdBytes: isSharded ? 0 : 10_000_000 });
  const rows = [...tree.cids].filter(([name]) => name !== '').map(([name, cid]): Row => [name, cid.toString(), 10]);
  return { ...tree, rows: sorted(rows) };
}

/** A shard with these links, whose names have two hexadecimal digits first. */
function shard(made: Made, links: readonly (readonly [string, CID])[]): Promise<CID> {
  return made.node(new UnixFS({ type: 'hamt-sharded-directory', fanout: 256n, hashType: 0x22n }), links);
}

describe('the root folder of Files', () => {
  for (const isSharded of [false, true])
    it(`is listed whole, ${isSharded ? 'sharded' : 'in one block'}: from Kubo, and from disk without asking it`, async () => {
      const { root, blocks, rows } = await treeOf(2000, isSharded);
      const ofKubo = await read(root, blocks);
      assert.deepEqual([sorted(ofKubo.rows), ofKubo.list.incomplete, ofKubo.list.leftOut], [rows, undefined, undefined]);
      assert.equal(ofKubo.list.detail, `root folder ${root.toString()}`);
      assert.equal(new Set(ofKubo.asked).size, ofKubo.asked.length, 'no block is asked for twice');
      assert.ok(isSharded ? ofKubo.asked.length > 200 : ofKubo.asked.length === 1);
      assert.ok(
        ofKubo.asked.every((cid) => !rows.some(([, entry]) => entry === cid)),
        'no entry is read',
      );

      const repository = mkdtempSync(path.join(folder, 'repo-'));
      writeRepository(repository, blocks);
      const ofDisk = await read(root, blocks, { repository });
      assert.deepEqual([ofDisk.rows, ofDisk.asked], [ofKubo.rows, []]);
    });

  it('is listed where the repository on disk lacks blocks, has wrong ones, or is none', async () => {
    const { root, blocks, rows } = await treeOf(1000, true);
    const repository = mkdtempSync(path.join(folder, 'repo-'));
    writeRepository(repository, blocks);
    const shards = [...blocks.values()].filter(({ cid }) => cid.code === dagPb.code && !cid.equals(root));
    const [missing, wrong] = [shards[3]?.cid ?? root, shards[7]?.cid ?? root];
    rmSync(blockFile(repository, missing));
    writeFileSync(blockFile(repository, wrong), 'wrong');
    const some = await read(root, blocks, { repository });
    assert.deepEqual([sorted(some.rows), some.list.incomplete], [rows, undefined]);
    assert.deepEqual([...some.asked].sort(), [missing, wrong].map(String).sort());
    const none = await read(root, blocks, { repository: path.join(folder, 'nowhere') });
    assert.deepEqual(sorted(none.rows), rows);
  });

  it('may be empty', async () => {
    const { root, blocks } = await treeOf(0, false);
    const { rows, list } = await read(root, blocks);
    assert.deepEqual([rows, list.incomplete], [[], undefined]);
  });

  it('is shown as it comes in, and its bytes are counted', async () => {
    const { root, blocks, rows } = await treeOf(3000, true);
    const [seen, received]: [number[], number[]] = [[], []];
    const early: Row[][] = [];
    await read(root, blocks, {
      onSoFar: (columns) => {
        seen.push(columns.rows);
        early.push(rowsOf(columns));
      },
      onReceived: (bytes) => received.push(bytes),
    });
    assert.ok(seen.length > 0 && (seen[0] ?? 0) > 0 && (seen[0] ?? 0) < 3000, String(seen));
    const all = new Set(rows.map(String));
    assert.deepEqual(
      early.flat().filter((row) => !all.has(String(row))),
      [],
    );
    const folders = [...blocks.values()].filter(({ cid }) => cid.code === dagPb.code);
    assert.equal(
      received.at(-1),
      folders.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
  });

  it('lists the entries of other shards where some are missing or wrong, at any place, and says how many', async () => {
    const { root, blocks, rows } = await treeOf(600, true);
    const inOrder = (await read(root, blocks)).asked;
    for (let cut = 1; cut < inOrder.length; cut += 13) {
      const gone = inOrder[cut] ?? '';
      const less: Blocks = new Map([...blocks].filter(([cid]) => cid !== gone));
      const { rows: some, list } = await read(root, less);
      assert.ok(some.length < rows.length && some.every(([name]) => rows.some(([each]) => each === name)), `${cut}`);
      assert.ok(list.incomplete);
      assert.equal(list.incomplete.reason, 'corrupt');
      assert.match(list.incomplete.message, new RegExp(`Entries are missing: 1 part of the folder.*${gone} was not found`));
      assert.doesNotMatch(list.incomplete.message, /gateway/, 'Files are at no gateway');
    }
    const [, first = '', second = ''] = inOrder;
    const lying: Blocks = new Map(
      [...blocks].map(([cid, block]) => [cid, cid === first ? { ...block, bytes: Buffer.from('x') } : block]),
    );
    lying.delete(second);
    const { list } = await read(root, lying);
    assert.ok(list.incomplete);
    assert.equal(list.incomplete.reason, 'mismatch');
    assert.match(list.incomplete.message, /2 parts of the folder couldn't be read: .*sent 1 bytes that aren't this block/);
  });

  it('is an error where nothing of it can be read', async () => {
    const { root } = await treeOf(300, true);
    await assert.rejects(read(root, new Map()), { reason: 'corrupt', message: /The root folder of Files is lost: Block/ });
    const lost = new Made();
    const gone = await Promise.all(['one', 'other'].map((text) => lost.put(dagPb.code, Buffer.from(text))));
    const onlyRoot = await shard(
      lost,
      gone.map((cid, at) => [`0${at}`, cid] as const),
    );
    for (const cid of gone) lost.blocks.delete(cid.toString());
    await assert.rejects(read(onlyRoot, lost.blocks), {
      reason: 'corrupt',
      message: /Entries are missing: 2 parts of the folder/,
    });
    const { root: file, blocks: ofFile } = await importTree([{ path: 'x', content: Buffer.alloc(600_000) }], {
      wrapWithDirectory: false,
    });
    await assert.rejects(read(file, ofFile), {
      reason: 'not-a-folder',
      message: /is the root folder of Files, but it is a file/,
    });
    const leaf = await new Made().leaf('leaf');
    await assert.rejects(read(leaf, new Map()), { reason: 'not-a-folder', message: /in a format that folders never have/ });
    const made = new Made();
    const garbage = await made.put(dagPb.code, Buffer.from('garbage'));
    await assert.rejects(read(garbage, made.blocks), { reason: 'malformed' });
  });

  it('lists names of every kind: long, empty, dots, control characters, text of the other direction, twice', async () => {
    const made = new Made();
    const leaf = await made.leaf('x');
    const long = 'n'.repeat(4096);
    const names = ['', '.', '..', 'a/b', 'line\nbreak', 'nul\0', '\u202eexe.txt', 'twice', 'twice', `${long}!`, '🚀'];
    const { rows, list } = await read(await made.folder(names.map((name) => [name, leaf] as const)), made.blocks);
    assert.deepEqual(rows.map(([name]) => name).sort(), [...names].sort());
    assert.deepEqual([list.incomplete, list.leftOut], [undefined, undefined]);
    const longer = await read(await made.folder([['n'.repeat(100_000), leaf]]), made.blocks);
    assert.deepEqual(
      longer.rows.map(([name]) => name.length),
      [4097],
    );
  });

  it('leaves out entries whose CID is longer than any that Kubo makes, and says so', async () => {
    const made = new Made();
    const huge = Cid.createV1(raw.code, create(0, Buffer.alloc(2000)));
    const { rows, list } = await read(
      await made.folder([
        ['huge', huge],
        ['small', await made.leaf('small')],
      ]),
      made.blocks,
    );
    assert.deepEqual(
      [rows.map(([name]) => name), list.leftOut],
      [['small'], 'Left out: 1 with a CID of more than 512 characters.'],
    );
  });

  it('neither reads nor keeps a shard whose CID is long, however many there are', async () => {
    const made = new Made();
    const leaf = await made.leaf('x');
    const long = (at: number): CID => Cid.createV1(dagPb.code, create(0, Buffer.alloc(3_000_000, at)));
    const middle = await shard(made, [
      ['00', long(1)],
      ['01middle', leaf],
    ]);
    const root = await shard(made, [
      ['00', long(2)],
      ['01', middle],
      ['02last', leaf],
    ]);
    const { rows, list, asked } = await read(root, made.blocks);
    assert.deepEqual(
      [rows.map(([name]) => name), asked],
      [
        ['middle', 'last'],
        [root.toString(), middle.toString()],
      ],
    );
    const message = list.incomplete?.message ?? '';
    assert.match(message, /2 parts of the folder couldn't be read: .* has a shard with a CID of 3,000,00\d bytes/);
    assert.ok(message.length < 1000, `${message.length}`);
  });

  it('ends where shards repeat, are nested without end, or are none', async () => {
    const made = new Made();
    const leaf = await made.leaf('x');
    const inner = await shard(made, [['00inner', leaf]]);
    const twice = await shard(made, [
      ['00', inner],
      ['01', inner],
      ['02last', leaf],
    ]);
    const repeated = await read(twice, made.blocks);
    assert.deepEqual([repeated.rows.map(([name]) => name), repeated.list.incomplete?.reason], [['inner', 'last'], 'malformed']);
    let deep = await shard(made, [['00bottom', leaf]]);
    for (let level = 0; level < 40; level++)
      deep = await shard(made, [
        ['00', deep],
        [`01level-${level}`, leaf],
      ]);
    const nested = await read(deep, made.blocks);
    assert.deepEqual([nested.rows.length, nested.list.incomplete?.reason], [17, 'malformed']);
    const plain = await made.folder([['plain', leaf]]);
    const none = await read(
      await shard(made, [
        ['00', plain],
        ['01', leaf],
        ['02here', leaf],
      ]),
      made.blocks,
    );
    assert.deepEqual(
      none.rows.map(([name]) => name),
      ['here'],
    );
    assert.match(none.list.incomplete?.message ?? '', /2 parts of the folder/);
  });

  it('has no size where the folder states none', async () => {
    const made = new Made();
    const leaf = await made.leaf('x');
    const Data = new UnixFS({ type: 'directory' }).marshal();
    const root = await made.put(
      dagPb.code,
      dagPb.encode({
        Data,
        Links: [
          { Name: 'a', Hash: leaf },
          { Name: 'b', Hash: leaf, Tsize: 7 },
        ],
      }),
    );
    const { list } = await read(root, made.blocks);
    assert.deepEqual([list.columns.value('size_bytes', 0), list.columns.value('size_bytes', 1)], [null, 7]);
  });

  it('keeps what was read where the texts of the list become too large', async () => {
    const { root, blocks } = await treeOf(500, true);
    const { rows, list } = await read(root, blocks, { mostTextBytes: 10_000 });
    assert.ok(rows.length > 50 && rows.length < 500);
    assert.equal(list.incomplete?.reason, 'too-large');
  });

  it('is given up when it is canceled, and no more blocks are asked for', async () => {
    const { root, blocks } = await treeOf(3000, true);
    const stop = new AbortController();
    const asked: string[] = [];
    const answer = blockGet(blocks, asked);
    await withStandIn({ 'POST /api/v0/block/get': answer }, async (url) => {
      const onReceived = (): void => {
        if (asked.length > 40) stop.abort();
      };
      const reading = readFiles(
        { access: { url }, root: root.toString() },
        { signal: stop.signal, onReceived, onSoFar: () => undefined },
      );
      await assert.rejects(reading, { reason: 'cancelled' });
      const then = asked.length;
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.ok(then < 200 && asked.length - then <= 16, `${then}, ${asked.length}`);
    });
  });
});
