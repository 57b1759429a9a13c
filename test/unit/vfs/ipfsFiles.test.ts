import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as dagCbor from '@ipld/dag-cbor';
import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { BlockSource } from '../../../src/vfs/blockSource';
import { flatfsSource } from '../../../src/vfs/flatfs';
import type { IpfsFiles } from '../../../src/vfs/ipfsFiles';
import { createIpfsFiles } from '../../../src/vfs/ipfsFiles';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';
import type { Blocks, ImportedTree } from '../../support/ipfsTree';
import { blockFile, importTree, writeRepository } from '../../support/ipfsTree';

const text = (content: string): Uint8Array => Buffer.from(content);
const patterned = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) % 251);
const KIB = 1024;

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

const reasonOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (IpfsKitError.is(error) ? error.reason : `not ours: ${String(error)}`),
  );

/** Blocks in memory, counted. */
function memorySource(blocks: Blocks): BlockSource & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: 'memory',
    asked,
    get: (cid) => {
      asked.push(cid.toString());
      return Promise.resolve(blocks.get(cid.toString())?.bytes);
    },
  };
}

async function nodeBlock(node: dagPb.PBNode, into: Blocks): Promise<CID> {
  const bytes = dagPb.encode(node);
  const cid = CID.createV1(dagPb.code, await sha256.digest(bytes));
  into.set(cid.toString(), { cid, bytes });
  return cid;
}

describe('files below a CID', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vfs-'));
  const files: Readonly<Record<string, Uint8Array>> = {
    'empty.txt': text(''),
    'one.txt': text('1'),
    'docs/readme.md': text('# Hello\n'),
    'docs/exact.bin': patterned(256 * KIB),
    'docs/less.bin': patterned(256 * KIB - 1),
    'docs/more.bin': patterned(256 * KIB + 1),
    'large.bin': patterned(3_000_000),
  };
  let tree: ImportedTree;
  let ipfs: IpfsFiles;
  const at = (name = ''): { cid: string; path: string[] } => ({
    cid: tree.root.toString(),
    path: name === '' ? [] : name.split('/'),
  });

  before(async () => {
    tree = await importTree(Object.entries(files).map(([name, content]) => ({ path: name, content })));
    writeRepository(folder, tree.blocks);
    ipfs = createIpfsFiles(createVerifiedBlocks([flatfsSource(folder)]));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are listed with type, size and CID', async () => {
    const { entries, more } = await ipfs.list(at(), { offset: 0, limit: 10 });
    assert.deepEqual(
      entries.map(({ name, type, sizeBytes }) => [name, type, sizeBytes]),
      [
        ['docs', 'directory', undefined],
        ['empty.txt', 'file', 0],
        ['large.bin', 'file', 3_000_000],
        ['one.txt', 'file', 1],
      ],
    );
    assert.equal(more, false);
    assert.equal(entries[0]?.cid, tree.cids.get('docs')?.toString());
  });

  it('are listed in pages', async () => {
    const first = await ipfs.list(at(), { offset: 0, limit: 3 });
    const second = await ipfs.list(at(), { offset: 3, limit: 3 });
    assert.deepEqual([first.more, second.more, first.entries.length, second.entries.length], [true, false, 3, 1]);
  });

  it('are read byte for byte', async () => {
    for (const [name, content] of Object.entries(files))
      assert.deepEqual(await all(ipfs.read(at(name))), Buffer.from(content), name);
  });

  it('are read from anywhere to anywhere', async () => {
    const content = Buffer.from(files['large.bin'] ?? '');
    for (const [offset, length] of [
      [0, 1],
      [256 * KIB - 1, 2],
      [1_000_000, 1_000_000],
      [2_999_999, 100],
      [3_000_000, 1],
      [9_000_000, 1],
      [5, 0],
    ] as const)
      assert.deepEqual(await all(ipfs.read(at('large.bin'), { offset, length })), content.subarray(offset, offset + length));
  });

  it('are listed with their types', async () => {
    assert.equal((await ipfs.stat(at('docs'))).type, 'directory');
    assert.deepEqual(await ipfs.stat(at('docs/readme.md')), {
      name: 'readme.md',
      type: 'file',
      sizeBytes: 8,
      statedBytes: 8,
      cid: tree.cids.get('docs/readme.md')?.toString(),
      target: undefined,
      whyBytes: undefined,
      modifiedMs: undefined,
    });
    assert.equal(await reasonOf(ipfs.stat(at('docs/none'))), 'no-entry');
    assert.equal(await reasonOf(ipfs.stat(at('one.txt/below'))), 'not-a-folder');
    assert.equal(await reasonOf(all(ipfs.read(at('docs')))), 'not-a-file');
    assert.equal(await reasonOf(ipfs.list(at('one.txt'), { offset: 0, limit: 1 })), 'not-a-folder');
  });

  it('are not shown where a bit of a block is another', async () => {
    const cid = tree.cids.get('one.txt') ?? tree.root;
    const file = blockFile(folder, cid);
    const before = readFileSync(file);
    writeFileSync(file, '3');
    try {
      const fresh = createIpfsFiles(createVerifiedBlocks([flatfsSource(folder)]));
      assert.equal(await reasonOf(all(fresh.read(at('one.txt')))), 'mismatch');
    } finally {
      writeFileSync(file, before);
    }
  });

  it('name the block that is missing, and where it was looked for', async () => {
    const inner = dagPb.decode(tree.blocks.get(tree.cids.get('large.bin')?.toString() ?? '')?.bytes ?? text('')).Links;
    const gone = inner[7]?.Hash;
    assert.ok(gone);
    const without = new Map(tree.blocks);
    without.delete(gone.toString());
    const partial = createIpfsFiles(createVerifiedBlocks([memorySource(without)]));
    await assert.rejects(all(partial.read(at('large.bin'))), (error) => {
      assert.ok(IpfsKitError.is(error, 'missing'));
      assert.ok(error.message.includes(gone.toString()) && error.message.includes("memory doesn't have it"));
      return true;
    });
    assert.equal((await all(partial.read(at('large.bin'), { offset: 0, length: 1000 }))).length, 1000);
  });

  it('request only the blocks that contain what is read', async () => {
    const source = memorySource(tree.blocks);
    const counted = createIpfsFiles(createVerifiedBlocks([source]));
    await all(counted.read(at('large.bin'), { offset: 1_500_000, length: 10 }));
    assert.equal(source.asked.length, 3, 'the folder, the file, one leaf');
  });

  it('in dag-cbor are JSON, with links as DAG-JSON writes them, and paths lead through them', async () => {
    const bytes = dagCbor.encode({ title: 'an object', content: { main: tree.root }, big: 2n ** 60n, raw: text('hi'), none: [] });
    const cid = CID.createV1(dagCbor.code, await sha256.digest(bytes));
    const blocks = new Map(tree.blocks).set(cid.toString(), { cid, bytes });
    const linked = createIpfsFiles(createVerifiedBlocks([memorySource(blocks)]));
    const json = (await all(linked.read({ cid: cid.toString(), path: [] }))).toString('utf8');
    assert.ok(
      json.includes(`"/": "${tree.root.toString()}"`) && json.includes('1152921504606846976') && json.includes('"none": []'),
    );
    assert.deepEqual((JSON.parse(json) as { title: unknown }).title, 'an object');
    assert.equal((await linked.stat({ cid: cid.toString(), path: [] })).sizeBytes, Buffer.byteLength(json));
    const below = { cid: cid.toString(), path: ['content', 'main', 'docs', 'readme.md'] };
    assert.equal((await all(linked.read(below))).toString('utf8'), '# Hello\n');
  });

  it('whose nodes lie about sizes are what is there, in a range as well', async () => {
    const blocks: Blocks = new Map();
    const leaf = async (content: string): Promise<CID> =>
      nodeBlock({ Data: new UnixFS({ type: 'file', data: text(content) }).marshal(), Links: [] }, blocks);
    const [five, ten] = [await leaf('12345'), await leaf('abcdefghij')];
    const lying = new UnixFS({ type: 'file', blockSizes: [10n, 5n] });
    const links = [five, ten].map((Hash) => ({ Hash, Name: '', Tsize: 20 }));
    const root = await nodeBlock({ Data: lying.marshal(), Links: links }, blocks);
    const hostile = createIpfsFiles(createVerifiedBlocks([memorySource(blocks)]));
    const file = { cid: root.toString(), path: [] };
    assert.equal((await all(hostile.read(file))).toString(), '12345abcdefghij');
    assert.equal((await all(hostile.read(file, { offset: 4, length: 3 }))).toString(), '5ab');
  });
});

describe('a sharded folder', () => {
  const COUNT = 10_000;
  let tree: ImportedTree;
  before(async () => {
    const candidates = Array.from({ length: COUNT }, (_, index) => ({ path: `file-${index}`, content: text(String(index)) }));
    tree = await importTree(candidates, { shardSplitThresholdBytes: 1000 });
  });

  it('has all its entries, once each, for any page size', async () => {
    const ipfs = createIpfsFiles(createVerifiedBlocks([memorySource(tree.blocks)]));
    const names = new Set<string>();
    for (let offset = 0, more = true; more; offset += 1700) {
      const page = await ipfs.list({ cid: tree.root.toString(), path: [] }, { offset, limit: 1700 });
      for (const { name } of page.entries) names.add(name);
      assert.equal(names.size, Math.min(COUNT, offset + 1700));
      more = page.more;
    }
    assert.ok(names.has('file-0') && names.has('file-9999'));
  });

  it('reads only the shards that a page needs, and those on the way to a name', async () => {
    const source = memorySource(tree.blocks);
    const ipfs = createIpfsFiles(createVerifiedBlocks([source]));
    await ipfs.list({ cid: tree.root.toString(), path: [] }, { offset: 0, limit: 20 });
    assert.ok(source.asked.length < 10, `${source.asked.length} blocks for 20 entries`);
    const fresh = memorySource(tree.blocks);
    const other = createIpfsFiles(createVerifiedBlocks([fresh]));
    const read = await all(other.read({ cid: tree.root.toString(), path: ['file-1234'] }));
    assert.equal(read.toString('utf8'), '1234');
    assert.ok(fresh.asked.length <= 4, `${fresh.asked.length} blocks for one name`);
  });

  it("says that a name doesn't exist", async () => {
    const ipfs = createIpfsFiles(createVerifiedBlocks([memorySource(tree.blocks)]));
    assert.equal(await reasonOf(ipfs.stat({ cid: tree.root.toString(), path: ['file-none'] })), 'no-entry');
  });
});
