import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { BlockSource } from '../../../src/vfs/blockSource';
import { flatfsSource } from '../../../src/vfs/flatfs';
import { gatewaySource } from '../../../src/vfs/gatewayBlocks';
import type { IpfsFiles, Listed } from '../../../src/vfs/ipfsFiles';
import { createIpfsFiles } from '../../../src/vfs/ipfsFiles';
import type { BlockLimits } from '../../../src/vfs/verifiedBlocks';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';
import type { BlockGateway, Send } from '../../support/blockGateway';
import { startBlockGateway } from '../../support/blockGateway';
import type { Blocks, ImportedTree } from '../../support/ipfsTree';
import { importTree, writeRepository } from '../../support/ipfsTree';
import { Made } from '../../support/madeBlocks';

const LIMITS: BlockLimits = { blockMs: 200, atOnce: 8, cacheBytes: 1e8, promptMs: 20, leftOutMs: 100 };
const SOON = { ms: 50 };
const SILENT: Send = () => undefined;
const HEADERS_ONLY: Send = (response, bytes) => {
  response.writeHead(200, { 'content-length': bytes.length }).flushHeaders();
};

const text = (content: string): Uint8Array => Buffer.from(content);

/** Files of one dag-pb block each, whose types are only known from their blocks. */
function importFiles(count: number, shardSplitThresholdBytes?: number): Promise<ImportedTree> {
  const files = Array.from({ length: count }, (_, at) => ({ path: `file-${at}`, content: text(String(at)) }));
  return importTree(files, {
    rawLeaves: false,
    reduceSingleLeafToSelf: true,
    ...(shardSplitThresholdBytes !== undefined && { shardSplitThresholdBytes }),
  });
}

function only(blocks: Blocks, isKept: (cid: string) => boolean): Blocks {
  return new Map([...blocks].filter(([cid]) => isKept(cid)));
}

function memorySource(blocks: Blocks): BlockSource {
  return { name: 'disk', isLocal: true, get: (cid) => Promise.resolve(blocks.get(cid.toString())?.bytes) };
}

const filesOf = (sources: readonly BlockSource[], tell?: (what: string) => void, limits = LIMITS): IpfsFiles =>
  createIpfsFiles(createVerifiedBlocks(sources, limits, tell));

async function read(files: IpfsFiles, cid: string, ...names: string[]): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of files.read({ cid, path: names })) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

const reasonOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (IpfsKitError.is(error) ? error.reason : `not ours: ${String(error)}`),
  );

describe("a source that accepts the connection and doesn't respond", () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stalled-'));
  const gateways: BlockGateway[] = [];
  const root = (): string => tree.root.toString();
  const gateway = async (send?: Send, blocks = tree.blocks): Promise<BlockSource & { readonly asked: readonly string[] }> => {
    const started = await startBlockGateway(blocks, send);
    gateways.push(started);
    return { ...gatewaySource(started.url), asked: started.asked };
  };
  let tree: ImportedTree;
  before(async () => {
    tree = await importFiles(500);
    const here = new Set(['', ...Array.from({ length: 10 }, (_, at) => `file-${at * 50}`)].map((name) => tree.cids.get(name)?.toString())); // prettier-ignore
    writeRepository(
      folder,
      only(tree.blocks, (cid) => here.has(cid)),
    );
  });
  afterEach(() => Promise.all(gateways.splice(0).map((each) => each.stop())));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("doesn't delay the names of a folder or blocks on this disk, however many there are", async () => {
    const stalled = await Promise.all([SILENT, HEADERS_ONLY, SILENT, SILENT, SILENT].map((send) => gateway(send)));
    const files = filesOf([flatfsSource(folder), ...stalled], undefined, { ...LIMITS, blockMs: 60_000 });
    const listing = files.list({ cid: root(), path: [] }, { offset: 0, limit: 500, patience: SOON });
    await new Promise((resolve) => setImmediate(resolve)); // The request is in progress by now.
    assert.equal(await read(files, root(), 'file-450'), '450');
    const { entries, more } = await listing;
    assert.deepEqual([entries.length, more], [500, false]);
    const known = entries.filter(({ type }) => type === 'file').map(({ name }) => name);
    assert.deepEqual(known.sort(), Array.from({ length: 10 }, (_, at) => `file-${at * 50}`).sort());
    for (const { type, problem } of entries) assert.equal(problem?.reason, type === 'file' ? undefined : 'timeout');
  });

  it('is passed over, and asked last from then on, where another source has the blocks', async () => {
    const stalled = [await gateway(SILENT), await gateway(HEADERS_ONLY)];
    // This source responds within the same turn, so that it is never late on a busy machine.
    const prompt: BlockSource = { ...memorySource(tree.blocks), name: 'the gateway', isLocal: false };
    const files = filesOf([...stalled, prompt], undefined, { ...LIMITS, blockMs: 60_000, promptMs: 100 });
    assert.equal(await read(files, root(), 'file-7'), '7');
    const page = { offset: 0, limit: 20, patience: { ms: 10_000 } };
    const { entries } = await files.list({ cid: root(), path: [] }, page);
    assert.ok(entries.every(({ type }) => type === 'file'));
    assert.deepEqual(stalled.map(({ asked }) => asked), [[root()], [root()]]); // prettier-ignore
  });

  it('is left out after three blocks in a row, and asked again after a while', async () => {
    let isStalled = true;
    let asked = 0;
    const notes: string[] = [];
    const get: BlockSource['get'] = (cid) => {
      asked++;
      return isStalled ? new Promise(() => undefined) : Promise.resolve(tree.blocks.get(cid.toString())?.bytes);
    };
    const limits = { ...LIMITS, blockMs: 30, leftOutMs: 500 };
    const files = filesOf([{ name: 'the gateway', get }], (note) => notes.push(note), limits);
    const cids = [...tree.blocks.keys()].slice(0, 10);
    const stat = (cid = ''): Promise<string> => reasonOf(files.stat({ cid, path: [] }));
    for (const cid of cids.slice(0, 5)) assert.equal(await stat(cid), 'timeout');
    assert.equal(asked, 3);
    assert.match(notes.join('\n'), /^the gateway didn't respond in time for 3 blocks in a row; it is skipped for 0.5 s\.$/);
    isStalled = false;
    await new Promise((resolve) => setTimeout(resolve, 510));
    assert.equal(await stat(cids[5]), 'no error');
    assert.equal(notes.length, 2);
    assert.match(notes[1] ?? '', /responds again/);
  });

  it('is not a slow source, which delivers all blocks and stays in use', async () => {
    const notes: string[] = [];
    const slow = await gateway((response, bytes) => void setTimeout(() => response.end(bytes), 200));
    const files = filesOf([slow], (note) => notes.push(note), { ...LIMITS, blockMs: 5000, atOnce: 4 });
    const page = { offset: 0, limit: 10, patience: { ms: 900, renewed: true } };
    const { entries } = await files.list({ cid: root(), path: [] }, page);
    assert.deepEqual(entries.map(({ type }) => type), Array<string>(10).fill('file')); // prettier-ignore
    assert.deepEqual(notes, []);
  });

  it("isn't a source that keeps sending: a file can be read over a slow connection, with fewer blocks at a time", async () => {
    const made = new Made();
    const parts = Array.from({ length: 12 }, (_, at) => `${at}`.padEnd(6000, '.'));
    const leaves = await Promise.all(parts.map(async (part) => ['', await made.leaf(part)] as const));
    const cid = await made.node(new UnixFS({ type: 'file', blockSizes: parts.map(() => 6000n) }), leaves);
    const sending: { readonly response: ServerResponse; readonly bytes: Uint8Array; at: number }[] = [];
    let most = 0;
    // Six blocks at a time take 1.2 s each, longer than the longest allowed silence.
    const clock = setInterval(() => {
      most = Math.max(most, sending.length);
      const share = Math.floor(900 / sending.length);
      for (const each of sending.splice(0)) {
        each.response.write(each.bytes.subarray(each.at, (each.at += share)));
        if (each.at >= each.bytes.length) each.response.end();
        else sending.push(each);
      }
    }, 30);
    const notes: string[] = [];
    try {
      const slow = await gateway((response, bytes) => void sending.push({ response, bytes, at: 0 }), made.blocks);
      const files = filesOf([slow], (note) => notes.push(note), { ...LIMITS, blockMs: 800, totalMs: 20_000 });
      assert.equal(await read(files, cid.toString()), parts.join(''));
    } finally {
      clearInterval(clock);
    }
    assert.ok(most <= 6, `${most} at once`);
    assert.deepEqual(notes, []);
  });

  it('is distinguished from one that sends endlessly, which is given up after a while but not skipped', async () => {
    const notes: string[] = [];
    const dripping: BlockSource = {
      name: 'the gateway',
      get: (_cid, signal, onBytes) =>
        new Promise(() => {
          const drip = setInterval(() => onBytes?.(), 2);
          signal.addEventListener('abort', () => clearInterval(drip), { once: true });
        }),
    };
    const files = filesOf([dripping], (note) => notes.push(note), { ...LIMITS, blockMs: 50, totalMs: 100 });
    for (const cid of [...tree.blocks.keys()].slice(0, 5))
      await assert.rejects(
        files.stat({ cid, path: [] }),
        /the gateway is too slow: it sent only part of the block within 0\.1 s\./,
      );
    assert.deepEqual(notes, []);
  });

  it('leaves types unknown, which arrive soon after it responds, and are requested once', async () => {
    let respond: () => void = () => undefined;
    const responding = new Promise<void>((resolve) => (respond = resolve));
    const holding = await gateway((response, bytes, cid) => {
      const send = (): void => void response.end(bytes);
      if (cid === root()) send();
      else void responding.then(send);
    });
    const files = filesOf([holding], undefined, { ...LIMITS, blockMs: 60_000 });
    const page = { offset: 0, limit: 4 };
    const first = await files.list({ cid: root(), path: [] }, { ...page, patience: SOON });
    assert.deepEqual(first.entries.map(({ type }) => type), Array<string>(4).fill('unknown')); // prettier-ignore
    const again = files.list({ cid: root(), path: [] }, page);
    respond();
    assert.deepEqual((await again).entries.map(({ type }) => type), Array<string>(4).fill('file')); // prettier-ignore
    assert.equal(holding.asked.length, 5);
  });

  it('still reads a file that a person opens while the types of hundreds of others are requested', async () => {
    const wanted = tree.cids.get('file-499')?.toString() ?? '';
    const busy = await gateway((response, bytes, cid) => {
      if (cid === root() || cid === wanted) response.end(bytes);
    });
    const files = filesOf([busy], undefined, { ...LIMITS, blockMs: 60_000 });
    await files.list({ cid: root(), path: [] }, { offset: 0, limit: 500, patience: SOON });
    assert.equal(await read(files, root(), 'file-499'), '499');
  });
});

describe('a sharded folder of which shards are missing', () => {
  const COUNT = 2000;
  let tree: ImportedTree;
  let gone: ReadonlyMap<string, readonly string[]>;
  let present: Blocks;
  let names: readonly string[];
  before(async () => {
    tree = await importFiles(COUNT, 1000);
    const linksOf = (cid: CID): dagPb.PBNode['Links'] => dagPb.decode(tree.blocks.get(cid.toString())?.bytes ?? text('')).Links;
    const namesIn = (cid: CID): string[] =>
      linksOf(cid).flatMap(({ Name = '', Hash }) => (Name.length === 2 ? namesIn(Hash) : [Name.slice(2)]));
    const shards = linksOf(tree.root).filter(({ Name }) => Name?.length === 2);
    gone = new Map([0, 3, 4, 100, 255].map((at) => shards[at]?.Hash ?? tree.root).map((cid) => [cid.toString(), namesIn(cid)]));
    present = only(tree.blocks, (cid) => !gone.has(cid));
    const lost = new Set([...gone.values()].flat());
    names = Array.from({ length: COUNT }, (_, at) => `file-${at}`).filter((name) => !lost.has(name));
  });

  const pages = async (files: IpfsFiles, patience = SOON): Promise<Omit<Listed, 'more'>> => {
    const all = { entries: [] as Listed['entries'], missing: [] as Listed['missing'] };
    for (let more = true; more;) {
      const without = all.missing.map(({ cid }) => cid);
      const page = await files.list({ cid: tree.root.toString(), path: [] }, { offset: all.entries.length, limit: 700, without, patience }); // prettier-ignore
      all.entries = [...all.entries, ...page.entries];
      all.missing = [...all.missing, ...page.missing];
      more = page.more;
    }
    return all;
  };

  it('lists all the other names, once each, for any page size, and which parts are missing', async () => {
    const { entries, missing } = await pages(filesOf([memorySource(present)]));
    assert.deepEqual(entries.map(({ name }) => name).sort(), [...names].sort());
    assert.deepEqual(missing.map(({ cid, reason }) => [cid, reason]), [...gone.keys()].map((cid) => [cid, 'missing'])); // prettier-ignore
    for (const { cid, message } of missing) assert.ok(message.includes(cid), message);
  });

  it('lists them in time where its gateways stall, too', async () => {
    const stalled = await Promise.all([SILENT, HEADERS_ONLY].map((send) => startBlockGateway(tree.blocks, send)));
    try {
      const files = filesOf([memorySource(present), ...stalled.map(({ url }) => gatewaySource(url))], undefined, { ...LIMITS, blockMs: 60_000 }); // prettier-ignore
      const { entries, missing } = await pages(files);
      assert.deepEqual(entries.map(({ name }) => name).sort(), [...names].sort());
      assert.deepEqual(new Set(missing.map(({ cid }) => cid)), new Set(gone.keys()));
      assert.ok(
        entries.every(({ type }) => type === 'file'),
        'all of these are on disk',
      );
    } finally {
      await Promise.all(stalled.map((each) => each.stop()));
    }
  });

  it('is complete again when a source with the rest responds', async () => {
    const stalled = await startBlockGateway(tree.blocks, SILENT);
    const whole = await startBlockGateway(tree.blocks);
    try {
      const sources = [memorySource(present), gatewaySource(stalled.url), gatewaySource(whole.url)];
      const { entries, missing } = await pages(filesOf(sources), { ms: 5000 });
      assert.deepEqual([entries.length, missing.length], [COUNT, 0]);
    } finally {
      await Promise.all([stalled, whole].map((each) => each.stop()));
    }
  });

  it('finds a name in the available shards, and reports that one in a missing shard is unknown', async () => {
    const files = filesOf([memorySource(present)]);
    const [name = ''] = names;
    assert.equal(await read(files, tree.root.toString(), name), name.slice('file-'.length));
    const [lost = ''] = [...gone.values()].flat();
    assert.equal(await reasonOf(files.stat({ cid: tree.root.toString(), path: [lost] })), 'missing');
    assert.equal(await reasonOf(files.stat({ cid: tree.root.toString(), path: ['never there 1'] })), 'no-entry');
  });

  it('is listed so on the command line, too', async () => {
    const [first, ...others] = names.map((name) => tree.cids.get(name)?.toString() ?? '');
    const blocks = only(present, (cid) => cid !== first);
    const gateway = await startBlockGateway(blocks);
    try {
      const args = ['dist/cli/kit.js', 'ls', tree.root.toString(), '--repo', '/none', '--gateway', gateway.url];
      const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 });
      const { entries, missing } = JSON.parse(stdout) as { entries: { cid: string; type: string; problem?: unknown }[]; missing: { cid: string }[] }; // prettier-ignore
      assert.deepEqual(missing.map(({ cid }) => cid), [...gone.keys()]); // prettier-ignore
      assert.equal(entries.length, names.length);
      const unknown = entries.filter(({ type, problem }) => type === 'unknown' && problem !== undefined);
      assert.deepEqual(unknown.map(({ cid }) => cid), [first]); // prettier-ignore
      assert.equal(entries.filter(({ type }) => type === 'file').length, others.length);
    } finally {
      await gateway.stop();
    }
  });

  it('can be left at any time', async () => {
    const stalled = await startBlockGateway(tree.blocks, SILENT);
    try {
      const stop = new AbortController();
      const files = filesOf([memorySource(present), gatewaySource(stalled.url)], undefined, { ...LIMITS, blockMs: 60_000 });
      const listing = reasonOf(files.list({ cid: tree.root.toString(), path: [] }, { offset: 0, limit: 500 }, stop.signal));
      setTimeout(() => stop.abort(), 20);
      assert.equal(await listing, 'cancelled');
    } finally {
      await stalled.stop();
    }
  });
});
