import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { sha256 } from 'multiformats/hashes/sha2';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { createIpfsFiles } from '../../../src/vfs/ipfsFiles';
import type { FolderOnIpfs, FolderToSave, SaveReport } from '../../../src/vfs/savedFolder';
import { planFolder, saveFolder } from '../../../src/vfs/savedFolder';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';
import { testFolder } from '../../support/folder';
import type { Blocks } from '../../support/ipfsTree';
import { importTree } from '../../support/ipfsTree';

const temporary = testFolder('saved-folder');
const text = (content: string): Uint8Array => Buffer.from(content);
const NEVER = new AbortController().signal;
const nothing = (): void => undefined;

async function put(blocks: Blocks, codec: number, bytes: Uint8Array): Promise<CID> {
  const cid = CID.createV1(codec, await sha256.digest(bytes));
  blocks.set(cid.toString(), { cid, bytes });
  return cid;
}

const file = (blocks: Blocks, content: string): Promise<CID> => put(blocks, raw.code, text(content));
const unixfs = (blocks: Blocks, data: UnixFS, links: readonly [name: string, cid: CID, size?: number][] = []): Promise<CID> =>
  put(blocks, dagPb.code, dagPb.encode(dagPb.prepare({ Data: data.marshal(), Links: links.map(([Name, Hash, Tsize = 1]) => ({ Name, Hash, Tsize })) }))); // prettier-ignore
const folder = (blocks: Blocks, ...links: [name: string, cid: CID, size?: number][]): Promise<CID> =>
  unixfs(blocks, new UnixFS({ type: 'directory' }), links);

function onIpfs(blocks: Blocks, root: CID, platform: NodeJS.Platform = 'linux'): FolderOnIpfs {
  const source = { name: 'memory', get: (cid: CID) => Promise.resolve(blocks.get(cid.toString())?.bytes) };
  const files = createIpfsFiles(createVerifiedBlocks([source]));
  return { files, at: { cid: root.toString(), path: [] }, name: 'saved', isObeyed: false, platform };
}

function destination(): string {
  return path.join(mkdtempSync(path.join(temporary, 'to-')), 'saved');
}

function save(blocks: Blocks, root: CID, to: string, how: Partial<FolderToSave> = {}, signal = NEVER): Promise<SaveReport> {
  const wanted = { folder: to, isReplacing: false, withObeyed: false, ...how };
  return saveFolder(onIpfs(blocks, root), wanted, signal, nothing);
}

/** The relative paths of all files, with their bytes; `/` after an empty folder. */
function tree(place: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(path.join(place, below), { withFileTypes: true })) {
    const name = path.join(below, entry.name);
    if (!entry.isDirectory()) found[name] = readFileSync(path.join(place, name), 'utf8');
    else if (readdirSync(path.join(place, name)).length === 0) found[`${name}/`] = '';
    else Object.assign(found, tree(place, name));
  }
  return found;
}

describe('a folder on IPFS', () => {
  it('is saved as it is, byte for byte, with empty folders, from blocks in any layout', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`many/item-${at}.txt`, `${at}`.repeat(at)]));
    files['a/b/c/deep.txt'] = 'deep';
    files['large.bin'] = 'x'.repeat(3_000_000);
    const { root, blocks } = await importTree(
      Object.entries(files).map(([name, content]) => ({ path: name, content: text(content) })),
      { shardSplitThresholdBytes: 5000 },
    );
    const whole = await folder(blocks, ['site', root], ['empty', await folder(blocks)]);
    const wanted = {
      ...Object.fromEntries(Object.entries(files).map(([name, content]) => [`site/${name}`, content])),
      'empty/': '',
    };
    const bytes = Object.values(files).join('').length;

    const plan = await planFolder(onIpfs(blocks, whole), NEVER, nothing);
    assert.deepEqual(plan.plain, { files: 302, folders: 6, bytes, unsized: 0 });
    const to = destination();
    assert.deepEqual(await save(blocks, whole, to), {
      files: 302,
      bytes,
      kept: 0,
      renamed: 0,
      failed: 0,
      failures: [],
      isCanceled: false,
    });
    assert.deepEqual(tree(to), wanted);
  });

  it('never leaves the chosen folder, whatever its entries are called', async () => {
    const blocks: Blocks = new Map();
    const one = await file(blocks, 'one');
    const names = [
      '../x',
      '..',
      '.',
      '',
      '/etc/x',
      'a\\..\\b',
      'a\u0000b',
      '\u202etxt',
      'same',
      'same',
      `${'y'.repeat(5000)}.txt`,
    ];
    const inner = await folder(blocks, ...names.map((name): [string, CID, number] => [name, one, 3]));
    const root = await folder(blocks, ['..', inner], ['../..', inner], ['docs', inner]);
    const plan = await planFolder(onIpfs(blocks, root), NEVER, nothing);
    const to = destination();
    const report = await save(blocks, root, to, { withObeyed: true });
    assert.deepEqual([report.files, report.failed], [33, 0], report.failures.join());
    assert.equal(plan.plain.files + plan.obeyed.files, 33);
    assert.deepEqual([plan.renamed, report.renamed], [32, 32], 'all but one `same` in each folder, and `docs`');
    assert.deepEqual(readdirSync(path.dirname(to)), ['saved']);
    assert.deepEqual(readdirSync(to).sort(), ['.._..', '_', 'docs']);
    const saved = tree(to);
    assert.equal(Object.keys(saved).length, 33);
    assert.ok('docs/same' in saved && 'docs/same (2)' in saved);
    assert.deepEqual(new Set(Object.values(saved)), new Set(['one']));
  });

  it('is saved without symbolic links, and without what an editor acts on unless that is wanted', async () => {
    const blocks: Blocks = new Map();
    const [task, link] = [
      await file(blocks, '{}'),
      await unixfs(blocks, new UnixFS({ type: 'symlink', data: text('/etc/passwd') })),
    ];
    const settings = await folder(blocks, ['tasks.json', task, 2], ['sub', await folder(blocks, ['x.txt', task, 2])]);
    const root = await folder(blocks, ['.vscode', settings], ['AGENTS.md', task, 2], ['a.txt', task, 2], ['link', link]);
    const plan = await planFolder(onIpfs(blocks, root), NEVER, nothing);
    assert.deepEqual([plan.links, plan.plain.files, plan.obeyed.files, plan.obeyed.folders], [1, 1, 3, 2]);
    assert.ok(plan.obeyed.named.includes('.vscode') && plan.obeyed.named.includes('AGENTS.md'));
    const [without, all] = [destination(), destination()];
    assert.equal((await save(blocks, root, without)).files, 1);
    assert.deepEqual(tree(without), { 'a.txt': '{}' });
    assert.equal((await save(blocks, root, all, { withObeyed: true })).files, 4);
    assert.deepEqual(Object.keys(tree(all)).sort(), ['.vscode/sub/x.txt', '.vscode/tasks.json', 'AGENTS.md', 'a.txt']);
  });

  it('counts as a whole as what an editor acts on where the pin has such a name', async () => {
    const blocks: Blocks = new Map();
    const root = await folder(blocks, ['tasks.json', await file(blocks, '{}'), 2]);
    const named = { ...onIpfs(blocks, root), name: '.vscode' };
    const plan = await planFolder(named, NEVER, nothing);
    assert.deepEqual([plan.plain.files, plan.obeyed.files, plan.obeyed.named], [0, 1, ['tasks.json']]);
    const to = path.join(path.dirname(destination()), '.vscode');
    await saveFolder(named, { folder: to, isReplacing: false, withObeyed: false }, NEVER, nothing);
    assert.ok(!existsSync(to));
  });

  it('is not written through symbolic links that are there already', async () => {
    const blocks: Blocks = new Map();
    const one = await file(blocks, 'new');
    const root = await folder(blocks, ['docs', await folder(blocks, ['x.txt', one, 3])], ['a.txt', one, 3], ['b.txt', one, 3]);
    const to = destination();
    const outside = path.join(path.dirname(to), 'outside');
    for (const each of [to, outside]) mkdirSync(each);
    writeFileSync(path.join(outside, 'kept.txt'), 'mine');
    symlinkSync(outside, path.join(to, 'docs'));
    symlinkSync(path.join(outside, 'kept.txt'), path.join(to, 'a.txt'));
    const report = await save(blocks, root, to, { isReplacing: true });
    assert.deepEqual([report.files, report.failed], [1, 2]);
    assert.deepEqual(tree(outside), { 'kept.txt': 'mine' });
    assert.ok(lstatSync(path.join(to, 'a.txt')).isSymbolicLink() && existsSync(path.join(to, 'b.txt')));
    const linked = destination();
    symlinkSync(outside, linked);
    assert.deepEqual(
      [(await save(blocks, root, linked, { isReplacing: true })).failed, tree(outside)],
      [1, { 'kept.txt': 'mine' }],
    );
  });

  it('is not written through a symbolic link that takes the place of a folder meanwhile', async () => {
    const blocks: Blocks = new Map();
    const cids = await Promise.all(Array.from({ length: 12 }, (_, at) => file(blocks, `content ${at + 10}`)));
    const docs = await folder(blocks, ...cids.map((cid, at): [string, CID, number] => [`${at}.txt`, cid, 10]));
    const to = destination();
    const [place, outside] = [path.join(to, 'docs'), path.join(path.dirname(to), 'outside')];
    mkdirSync(outside);
    let isSwapped = false;
    const get = async (cid: CID): Promise<Uint8Array | undefined> => {
      if (cid.code === raw.code) await sleep(200); // until all files that are saved at once are being read
      if (cid.code === raw.code && !isSwapped) {
        isSwapped = true;
        renameSync(place, `${place}.old`);
        symlinkSync(outside, place);
      }
      return blocks.get(cid.toString())?.bytes;
    };
    const root = await folder(blocks, ['docs', docs]);
    const files = createIpfsFiles(createVerifiedBlocks([{ name: 'memory', get }]));
    const wanted = { folder: to, isReplacing: false, withObeyed: false };
    const report = await saveFolder({ ...onIpfs(blocks, root), files }, wanted, NEVER, nothing);
    assert.deepEqual([report.files, report.failed, readdirSync(outside)], [0, 12, []]);
  });

  it('keeps existing files or replaces them, and is continued by saving it again', async () => {
    const blocks: Blocks = new Map();
    const cids = await Promise.all(Array.from({ length: 20 }, (_, at) => file(blocks, `content ${at + 10}`)));
    const root = await folder(blocks, ...cids.map((cid, at): [string, CID, number] => [`${at}.txt`, cid, 10]));
    const lost = blocks.get(cids[7]?.toString() ?? '');
    assert.ok(lost && blocks.delete(lost.cid.toString()));
    const to = destination();
    const first = await save(blocks, root, to);
    assert.deepEqual([first.files, first.failed], [19, 1]);
    assert.match(first.failures.join(), /^7\.txt: Block bafk\w+ was not found/);
    assert.ok(!existsSync(path.join(to, '7.txt')));
    writeFileSync(path.join(to, '3.txt'), 'mine');
    blocks.set(lost.cid.toString(), lost);
    assert.deepEqual(await save(blocks, root, to), {
      files: 1,
      bytes: 10,
      kept: 19,
      renamed: 0,
      failed: 0,
      failures: [],
      isCanceled: false,
    });
    assert.equal(readFileSync(path.join(to, '3.txt'), 'utf8'), 'mine');
    assert.equal((await save(blocks, root, to, { isReplacing: true })).files, 20);
    assert.equal(readFileSync(path.join(to, '3.txt'), 'utf8'), 'content 13');
  });

  it('keeps a file that another program makes while its content is read', async () => {
    const blocks: Blocks = new Map();
    const root = await folder(blocks, ['a.txt', await file(blocks, 'ours'), 4]);
    const to = destination();
    const get = (cid: CID): Promise<Uint8Array | undefined> => {
      if (cid.code === raw.code) writeFileSync(path.join(to, 'a.txt'), 'mine');
      return Promise.resolve(blocks.get(cid.toString())?.bytes);
    };
    const files = createIpfsFiles(createVerifiedBlocks([{ name: 'memory', get }]));
    const wanted = { folder: to, isReplacing: false, withObeyed: false };
    const { kept, failed } = await saveFolder({ ...onIpfs(blocks, root), files }, wanted, NEVER, nothing);
    assert.deepEqual([kept, failed, tree(to)], [1, 0, { 'a.txt': 'mine' }]);
    const { files: replaced } = await saveFolder(
      { ...onIpfs(blocks, root), files },
      { ...wanted, isReplacing: true },
      NEVER,
      nothing,
    );
    assert.deepEqual([replaced, tree(to)], [1, { 'a.txt': 'ours' }]);
  });

  it('saves no file that has other bytes than its block names, or more than it states', async () => {
    const blocks: Blocks = new Map();
    const [good, bad] = [await file(blocks, 'good'), await file(blocks, 'bad!')];
    blocks.set(bad.toString(), { cid: bad, bytes: text('evil') });
    const data = new UnixFS({ type: 'file' });
    data.addBlockSize(4n);
    const small = await unixfs(blocks, data, [['', await file(blocks, 'x'.repeat(1000)), 4]]);
    const root = await folder(blocks, ['bad', bad, 4], ['small', small, 4], ['good', good, 4]);
    const to = destination();
    const report = await save(blocks, root, to);
    assert.deepEqual([report.files, report.failed], [1, 2], report.failures.join('\n'));
    assert.deepEqual(tree(to), { good: 'good' });
  });

  it('ends where it is canceled, with what is complete until then, and nothing half written', async () => {
    const { root, blocks } = await importTree(
      Array.from({ length: 200 }, (_, at) => ({ path: `${at}.bin`, content: new Uint8Array(1000).fill(at) })),
    );
    const to = destination();
    const cancel = new AbortController();
    const wanted = { folder: to, isReplacing: false, withObeyed: false };
    const report = await saveFolder(onIpfs(blocks, root), wanted, cancel.signal, (files) => files === 20 && cancel.abort());
    assert.ok(report.isCanceled && report.files >= 20 && report.files < 30, String(report.files));
    assert.deepEqual(
      readdirSync(to).filter((name) => !/^\d+\.bin$/.test(name)),
      [],
    );
    assert.equal(readdirSync(to).length, report.files);
    for (const name of readdirSync(to)) assert.equal(readFileSync(path.join(to, name)).length, 1000);
  });

  it('is refused where it has more entries than a disk should get: a few blocks can state any number', async () => {
    const blocks: Blocks = new Map();
    const one = await file(blocks, 'a');
    const many = (count: number, cid: CID): Promise<CID> =>
      folder(blocks, ...Array.from({ length: count }, (_, at): [string, CID, number] => [`${at}`, cid, 1]));
    let deep = one;
    for (let level = 0; level < 300; level++) deep = await folder(blocks, ['0', deep]);
    for (const root of [await many(101, await many(1000, one)), deep])
      await assert.rejects(planFolder(onIpfs(blocks, root), NEVER, nothing), (error) => IpfsKitError.is(error, 'too-large'));
  });
});
