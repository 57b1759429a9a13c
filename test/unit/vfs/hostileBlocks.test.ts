import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import * as dagCbor from '@ipld/dag-cbor';
import * as dagJson from '@ipld/dag-json';
import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import * as Digest from 'multiformats/hashes/digest';
import { identity } from 'multiformats/hashes/identity';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { flatfsSource } from '../../../src/vfs/flatfs';
import type { IpfsFiles } from '../../../src/vfs/ipfsFiles';
import { createIpfsFiles } from '../../../src/vfs/ipfsFiles';
import { cidForms, parseCid, parseIpfsPath } from '../../../src/vfs/ipfsPath';
import { findContent, findForEditor } from '../../../src/vfs/openablePath';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';
import { blockFile, importTree, writeRepository } from '../../support/ipfsTree';
import { Made } from '../../support/madeBlocks';
import { needs, POSIX } from '../../support/needs';

const at = (cid: CID, ...names: string[]): { cid: string; path: string[] } => ({ cid: cid.toString(), path: names });

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'fine';
  } catch (error) {
    return IpfsKitError.is(error) ? error.reason : `not ours: ${String(error)}`;
  }
}

async function bytesOf(files: IpfsFiles, cid: CID, names: string[] = [], range = {}): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of files.read(at(cid, ...names), range)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

describe('a file that was made to mislead', () => {
  it('by an endless chain of nodes ends', async () => {
    const made = new Made();
    let cid = await made.leaf('x');
    for (let depth = 0; depth < 200; depth++) cid = await made.node(new UnixFS({ type: 'file', blockSizes: [1n] }), [['', cid]]);
    assert.equal(await outcome(bytesOf(made.files(), cid)), 'malformed');
  });

  it('that states 2^60 bytes has an unknown size, and is read as it is', async () => {
    const made = new Made();
    const leaf = await made.leaf('x');
    const cid = await made.node(new UnixFS({ type: 'file', blockSizes: [2n ** 60n] }), [['', leaf]]);
    assert.equal((await made.files().stat(at(cid))).sizeBytes, undefined);
    assert.equal(await bytesOf(made.files(), cid), 'x');
  });

  it('that repeats one block is read as stated, piece by piece', async () => {
    const made = new Made();
    let cid = await made.leaf('0123456789');
    let size = 10n;
    for (let depth = 0; depth < 12; depth++) {
      cid = await made.node(new UnixFS({ type: 'file', blockSizes: Array<bigint>(100).fill(size) }), Array.from({ length: 100 }, () => ['', cid] as const)); // prettier-ignore
      size *= 100n;
      if (size > 10n ** 14n) break;
    }
    const files = made.files();
    assert.equal((await files.stat(at(cid))).sizeBytes, Number(size));
    assert.equal(await bytesOf(files, cid, [], { offset: 77_777_777_777_773, length: 12 }), '345678901234');
  });

  it('by a folder or a link for a part is not shown', async () => {
    const made = new Made();
    for (const part of [await made.folder([]), await made.link('x'), await made.put(dagCbor.code, dagCbor.encode({}))]) {
      const cid = await made.node(new UnixFS({ type: 'file', blockSizes: [5n] }), [['', part]]);
      assert.equal(await outcome(bytesOf(made.files(), cid)), 'malformed');
    }
  });
});

describe('a folder that was made to mislead', () => {
  it('by odd names lists them, each found by its name', async () => {
    const made = new Made();
    const names = ['..', '.', '', '\u0000', 'a\u202egnp.exe', 'x'.repeat(4096), 'a\nb', '$(trash)', '%2e%2e', 'back\\slash'];
    const links = await Promise.all(names.map(async (name) => [name, await made.leaf(name)] as const));
    const cid = await made.folder(links);
    const { entries } = await made.files().list(at(cid), { offset: 0, limit: 100 });
    assert.deepEqual(new Set(entries.map(({ name }) => name)), new Set(names));
    for (const name of names.filter((each) => each !== '')) assert.equal(await bytesOf(made.files(), cid, [name]), name);
  });

  it('by a shard that leads back to itself in another place ends', async () => {
    const made = new Made();
    const shard = (links: readonly (readonly [string, CID])[]): Promise<CID> =>
      made.node(new UnixFS({ type: 'hamt-sharded-directory', fanout: 256n, hashType: 0x22n, data: Uint8Array.of(255) }), links);
    let cid = await shard([['00file', await made.leaf('x')]]);
    for (let depth = 0; depth < 8; depth++) {
      const below = cid;
      cid = await shard(Array.from({ length: 256 }, (_, at256) => [at256.toString(16).toUpperCase().padStart(2, '0'), below]));
    }
    assert.equal(await outcome(made.files().list(at(cid), { offset: 0, limit: 1000 })), 'malformed');
  });

  it('by a width that no table has is refused before a table is made', async () => {
    const made = new Made();
    for (const fanout of [0n, 3n, 2n ** 40n]) {
      const cid = await made.node(new UnixFS({ type: 'hamt-sharded-directory', fanout, hashType: 0x22n, data: Uint8Array.of(1) }), [['0', await made.leaf('')]]); // prettier-ignore
      assert.equal(await outcome(made.files().list(at(cid), { offset: 0, limit: 10 })), 'malformed', String(fanout));
      assert.equal(await outcome(made.files().stat(at(cid, 'name'))), 'malformed', String(fanout));
    }
  });

  it('by an invalid shard lists the names in the others, in pages too, and which part is missing', async () => {
    const made = new Made();
    const leaf = await made.leaf('x');
    const shard = (links: readonly (readonly [string, CID])[], fanout = 256n): Promise<CID> =>
      made.node(new UnixFS({ type: 'hamt-sharded-directory', fanout, hashType: 0x22n, data: Uint8Array.of(1) }), links);
    const [first, last] = [await shard([['00a', leaf], ['01b', leaf]]), await shard([['05c', leaf]])]; // prettier-ignore
    const wrong = [
      await made.folder([]),
      await made.put(dagPb.code, Buffer.from('no dag-pb')),
      await shard([['0q', leaf]], 24n),
      await shard([['A', leaf]]),
      leaf,
      first,
    ];
    for (const bad of wrong) {
      const root = await shard([['00', first], ['01', bad], ['02', last]]); // prettier-ignore
      const files = made.files();
      const whole = await files.list(at(root), { offset: 0, limit: 9 });
      assert.deepEqual(whole.entries.map(({ name }) => name), ['a', 'b', 'c']); // prettier-ignore
      assert.deepEqual(whole.missing.map(({ reason }) => reason), ['malformed']); // prettier-ignore
      const without = whole.missing.map(({ cid }) => cid);
      assert.deepEqual(without, [bad === first ? `${root.toString()}/01` : bad.toString()]);
      const page = await files.list(at(root), { offset: 2, limit: 9, without });
      assert.deepEqual([page.entries.map(({ name }) => name), page.missing], [['c'], []]);
    }
  });

  it('by links of a shard without a place is not shown', async () => {
    const made = new Made();
    const unixfs = new UnixFS({ type: 'hamt-sharded-directory', fanout: 256n, hashType: 0x22n, data: Uint8Array.of(1) });
    const cid = await made.node(unixfs, [['A', await made.leaf('')]]);
    assert.equal(await outcome(made.files().list(at(cid), { offset: 0, limit: 10 })), 'malformed');
  });

  it('by forty thousand links is listed in pages', async () => {
    const made = new Made();
    const leaf = await made.leaf('');
    const cid = await made.folder(Array.from({ length: 40_000 }, (_, index) => [`n${index}`, leaf]));
    const files = made.files();
    const { entries, more } = await files.list(at(cid), { offset: 39_990, limit: 500 });
    assert.deepEqual([entries.length, more], [10, false]);
    const before = await files.list(at(cid), { offset: 39_480, limit: 500 });
    const [name] = before.entries.slice(-1).map((entry) => entry.name);
    assert.deepEqual([before.entries.length, before.more, await bytesOf(files, cid, [name ?? ''])], [500, true, '']);
  });

  it('by blocks that are all available can still be canceled at any time', async () => {
    const made = new Made();
    const file = await made.node(new UnixFS({ type: 'file', data: Buffer.from('x') }));
    const cid = await made.folder(Array.from({ length: 40_000 }, (_, index) => [`n${index}`, file]));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 1);
    assert.equal(await outcome(made.files().list(at(cid), { offset: 0, limit: 40_000 }, stop.signal)), 'cancelled');
  });
});

it('the CID of a file, or of data, may be followed by a name only in an editor', async () => {
  const made = new Made();
  const [leaf, data] = [await made.leaf('# hi'), await made.put(dagCbor.code, Buffer.from('a0', 'hex'))];
  const files = made.files();
  for (const [cid, name, type] of [
    [leaf, 'readme.md', 'file'],
    [data, 'readme.json', 'data'],
  ] as const) {
    // prettier-ignore
    assert.equal((await findForEditor(files, at(cid, name))).stat.type, type);
    assert.match(await outcome(findForEditor(files, at(cid, name, name))), /^(?:no-entry|not-a-folder)$/);
    assert.match(await outcome(findContent(files, at(cid, name))), /^(?:no-entry|not-a-folder)$/);
  }
  assert.match(await outcome(findForEditor(files, at(data, 'readme.md'))), /^(?:no-entry|not-a-folder)$/);
});

describe('symbolic links', () => {
  it('are followed for an editor while they stay below the pin, and never out of it', async () => {
    const made = new Made();
    const docs = await made.folder([['readme.md', await made.leaf('# hi')], ['up', await made.link('../top.txt')], ['out', await made.link('../../etc/passwd')], ['root', await made.link('/etc/passwd')]]); // prettier-ignore
    const root = await made.folder([
      ['docs', docs],
      ['top.txt', await made.leaf('top')],
      ['again', await made.link('docs')],
      ['loop', await made.link('loop')],
    ]);
    const files = made.files();
    const found = async (...names: string[]): Promise<string> => {
      const { stat } = await findForEditor(files, at(root, ...names));
      return stat.type === 'symlink' ? `link to ${stat.target ?? ''}` : `${stat.type} ${stat.cid}`;
    };
    assert.equal(await found('docs', 'up'), `file ${(await made.leaf('top')).toString()}`);
    assert.equal(await found('again', 'readme.md'), `file ${(await made.leaf('# hi')).toString()}`);
    assert.equal(await found('again', 'up'), `file ${(await made.leaf('top')).toString()}`);
    assert.equal(await found('docs', 'out'), 'link to ../../etc/passwd');
    assert.equal(await found('docs', 'root'), 'link to /etc/passwd');
    assert.match(await found('loop'), /^link to loop/);
    assert.equal(await outcome(bytesOf(files, root, ['docs', 'up'])), 'not-a-file');
  });

  it('without a target, or with one that is too long to show, are listed as links', async () => {
    const made = new Made();
    for (const target of ['', 'x'.repeat(5000)]) {
      const link = await made.link(target);
      const { type, target: shownTarget } = await made.files().stat(at(link));
      assert.deepEqual([type, shownTarget], ['symlink', target === '' ? shownTarget : undefined]);
      assert.equal((await findForEditor(made.files(), at(link))).stat.type, 'symlink');
      assert.equal((await made.files().list(at(await made.folder([['l', link]])), { offset: 0, limit: 9 })).entries[0]?.type, 'symlink'); // prettier-ignore
    }
  });

  it("that continue over thousands of names aren't followed, because each name would be looked up again and again", async () => {
    const made = new Made();
    const root = await made.folder([
      ['long', await made.link('a/'.repeat(300))],
      ['short', await made.link('a/'.repeat(200))],
    ]);
    assert.equal((await findForEditor(made.files(), at(root, 'long'))).stat.type, 'symlink');
    assert.equal(await outcome(findForEditor(made.files(), at(root, 'long', 'b'))), 'no-entry');
    assert.equal(await outcome(findForEditor(made.files(), at(root, 'short'))), 'no-entry');
  });
});

describe('objects and CIDs that were made to mislead', () => {
  it('nested a hundred thousand deep are bytes, not the end of the thread', async () => {
    const made = new Made();
    const deep = Buffer.concat([Buffer.alloc(100_000, 0x81), Buffer.from([0xf6])]);
    assert.match((await made.files().stat(at(await made.put(dagCbor.code, deep)))).whyBytes ?? '', /call stack/);
  });

  it("that don't match their codec are shown as bytes, with the reason", async () => {
    const made = new Made();
    const junk = Buffer.from('not dag-pb at all');
    assert.equal((await made.files().stat(at(await made.put(dagPb.code, junk)))).type, 'data');
    assert.equal(await bytesOf(made.files(), await made.put(dagPb.code, junk)), junk.toString());
    const cbor = await made.put(dagCbor.code, junk);
    assert.equal(await bytesOf(made.files(), cbor), junk.toString());
    assert.match(
      (await made.files().stat(at(cbor))).whyBytes ?? '',
      /^It is dag-cbor that can't be shown as JSON: CBOR decode error: .*\.$/,
    );
    assert.equal(await outcome(made.files().stat(at(cbor, 'below'))), 'malformed');
    const unknown = await made.put(0x300539, Buffer.from('of an unknown codec'));
    assert.equal(await bytesOf(made.files(), unknown), 'of an unknown codec');
  });

  it("that claim to be dag-json and aren't JSON are malformed; no part of them is left out", async () => {
    const made = new Made();
    const open = Buffer.from('"\\\\'.repeat(500_000)); // Each quote opens a text that never ends.
    for (const block of ['"abc', '}{', '', '{"a":1}"', Buffer.from('22ff22', 'hex'), open]) {
      const cid = await made.put(dagJson.code, Buffer.from(block));
      assert.equal(await outcome(bytesOf(made.files(), cid)), 'malformed', block.toString().slice(0, 10));
    }
    assert.equal(await bytesOf(made.files(), await made.put(dagJson.code, Buffer.from('[12345678901234567890]'))), '[\n  12345678901234567890\n]\n'); // prettier-ignore
  });

  it('that would be a hundred megabytes on lines are JSON as it came', async () => {
    const made = new Made();
    const deep = Buffer.from(`${'['.repeat(40)}${'0,'.repeat(1_000_000)}0${']'.repeat(40)}`);
    assert.equal(await bytesOf(made.files(), await made.put(dagJson.code, deep)), deep.toString());
    const zeros = await made.put(dagCbor.code, dagCbor.encode(Array<number>(200_000).fill(0)));
    assert.equal((await bytesOf(made.files(), zeros)).length, 400_001);
  });

  it('contain at most 128 bytes themselves', async () => {
    const inline = (length: number): CID => CID.createV1(raw.code, identity.digest(Buffer.alloc(length, 65)));
    const files = createIpfsFiles(createVerifiedBlocks([]));
    assert.equal(await bytesOf(files, inline(128)), 'A'.repeat(128));
    assert.equal(await outcome(bytesOf(files, inline(129))), 'too-large');
  });

  it("are never believed where their hash can't be computed", async () => {
    const made = new Made();
    for (const digest of [
      Digest.create(0xd5, Buffer.alloc(16)),
      Digest.create(0xb220, Buffer.alloc(16)),
      Digest.create(0x12, Buffer.alloc(19)),
    ])
      assert.equal(await outcome(made.files().stat(at(CID.createV1(raw.code, digest)))), 'unsupported');
  });

  it("that aren't CIDs are refused", () => {
    for (const text of [
      '',
      'hello',
      'Qm',
      'bafy',
      '../../etc/passwd',
      'b'.repeat(5000),
      'bafkreieiwxkrf25al7lul4aohw42h4i63qhb6x4vfqnl52ch2uy6duhqh!',
    ])
      assert.throws(() => parseCid(text), { reason: 'invalid-argument' }, text);
    assert.throws(() => parseIpfsPath(`bafkqaaa${'/a'.repeat(300)}`), { reason: 'invalid-argument' });
  });

  it('are written in both versions where there are both', () => {
    const v0 = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPaG8';
    const { v1 } = cidForms(v0);
    assert.equal(v1, 'bafybeie5nqv6kd3qnfjupgvz34woh3oksc3iau6abmyajn7qvtf6d2g46e');
    assert.deepEqual(cidForms(v1), { v0, v1 });
    assert.deepEqual(cidForms('bafkqaaa'), { v1: 'bafkqaaa' });
  });

  it('are found in every way people write paths', () => {
    const expected = { cid: 'bafkqaaa', path: ['a', 'b'] };
    for (const text of [
      'bafkqaaa/a/b',
      '/ipfs/bafkqaaa/a/b',
      'ipfs://bafkqaaa/a/b/',
      'ipfs/bafkqaaa//a/b',
      ' ipfs:/bafkqaaa/a/b',
    ])
      assert.deepEqual(parseIpfsPath(text), expected, text);
  });
});

describe('a repository that was made to mislead', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'flatfs-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const repository = async (name: string, prepare: (repo: string, leaf: string) => void): Promise<string> => {
    const tree = await importTree([{ path: 'a.txt', content: Buffer.from('a') }]);
    const repo = path.join(folder, name);
    writeRepository(repo, tree.blocks);
    const cid = tree.cids.get('a.txt') ?? tree.root;
    prepare(repo, blockFile(repo, cid));
    const files = createIpfsFiles(createVerifiedBlocks([flatfsSource(repo)], { blockMs: 2000, atOnce: 2, cacheBytes: 1e6 }));
    return outcome(bytesOf(files, tree.root, ['a.txt']));
  };
  const spec = (mounts: unknown): ((repo: string) => void) => (repo) =>
    writeFileSync(path.join(repo, 'datastore_spec'), typeof mounts === 'string' ? mounts : JSON.stringify({ mounts, type: 'mount' })); // prettier-ignore

  it('by other things in place of a block: a FIFO, a folder, a huge file, a link to another file', needs(POSIX), async () => {
    assert.equal(await repository('plain', () => undefined), 'fine');
    const replaced = (make: (file: string) => void) => (_repo: string, file: string): void => { rmSync(file); make(file); }; // prettier-ignore
    assert.equal(
      await repository(
        'fifo',
        replaced((file) => void execFileSync('mkfifo', [file])),
      ),
      'not-a-file',
    );
    assert.equal(
      await repository(
        'folder',
        replaced((file) => mkdirSync(file)),
      ),
      'not-a-file',
    );
    assert.equal(await repository('huge', replaced((file) => { writeFileSync(file, ''); truncateSync(file, 2 ** 40); })), 'too-large'); // prettier-ignore
    assert.equal(
      await repository(
        'passwd',
        replaced((file) => symlinkSync('/etc/passwd', file)),
      ),
      'mismatch',
    );
    assert.equal(
      await repository(
        'zero',
        replaced((file) => symlinkSync('/dev/zero', file)),
      ),
      'not-a-file',
    );
  });

  it('by the stated sizes of its blocks', async () => {
    const flatfs = { mountpoint: '/blocks', type: 'flatfs', shardFunc: '/repo/flatfs/shard/v1/next-to-last/2' };
    assert.equal(await repository('badger', spec([{ mountpoint: '/blocks', type: 'badgerds', path: 'badger' }])), 'unsupported');
    assert.equal(await repository('out', spec([{ ...flatfs, path: '../../elsewhere' }])), 'unsupported');
    assert.equal(await repository('network', spec([{ ...flatfs, path: '//host.invalid/share' }])), 'unsupported');
    assert.equal(await repository('absolute', spec([{ ...flatfs, path: tmpdir() }])), 'missing');
    assert.equal(await repository('gone', spec([{ ...flatfs, path: path.join(tmpdir(), 'none') }])), 'unreadable');
    assert.equal(
      await repository('shards', spec([{ ...flatfs, path: 'blocks', shardFunc: '/repo/flatfs/shard/v1/none' }])),
      'unsupported',
    );
    assert.equal(await repository('junk', spec('not json')), 'malformed');
    assert.equal(await repository('null', spec('null')), 'malformed');
    assert.equal(await repository('no spec', (repo) => rmSync(path.join(repo, 'datastore_spec'))), 'missing');
  });
});
