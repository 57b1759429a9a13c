import assert from 'node:assert/strict';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as dagPb from '@ipld/dag-pb';
import { CID } from 'multiformats/cid';
import { IpfsKitError } from '../../src/base/ipfsKitError';
import { isEmptyFolder } from '../../src/pin/cid';
import { createFilesSource } from '../../src/pinSource/filesSource';
import { createKuboSource } from '../../src/pinSource/kuboSource';
import { closeListing } from '../../src/pinSource/listing';
import { filesRootOnDisk } from '../../src/vfs/filesRootOnDisk';
import { flatfsSource } from '../../src/vfs/flatfs';
import { testFolder } from '../support/folder';
import { blockFile } from '../support/ipfsTree';
import type { RealKubo } from './realKubo';
import { createRealKubo } from './realKubo';
import { addedTo, factsOf, pinsOf, worker } from './sourcePins';

const { signal } = new AbortController();
const folder = testFolder('real-files');
const noToken = (): Promise<undefined> => Promise.resolve(undefined);
const MANY = 3000;

interface Listed {
  readonly Entries:
    readonly { readonly Name: string; readonly Hash: string; readonly Size: number; readonly Type: number }[] | null;
}

describe('the Files of a real Kubo', () => {
  const kubo: RealKubo = createRealKubo();
  const options = { repository: kubo.repository, url: undefined, authorization: noToken };
  const source = createFilesSource(options);

  /** The names and CIDs that Kubo itself lists. */
  const listed = async (): Promise<string[]> => {
    const answer = await fetch(`${kubo.rpc()}/api/v0/files/ls?arg=/&long=true`, { method: 'POST' });
    return (((await answer.json()) as Listed).Entries ?? []).map(({ Name, Hash }) => `${Name} ${Hash}`).sort();
  };
  const ours = async (of = source): Promise<string[]> => (await pinsOf(of)).map(({ name = '', cid }) => `${name} ${cid}`).sort();
  const write = (name: string, text: string, ...flags: readonly string[]): void => {
    const file = path.join(folder, 'written');
    writeFileSync(file, text);
    kubo.run('files', 'write', '--create', '--truncate', ...flags, name, file);
  };

  /** Waits until Kubo has its root on disk, which takes longer than a change where it isn't the last request. */
  const entriesFlushed = async (): Promise<void> => {
    await fetch(`${kubo.rpc()}/api/v0/files/flush?arg=/`, { method: 'POST' });
  };

  before(async () => {
    kubo.run('config', '--json', 'Import.UnixFSHAMTDirectorySizeThreshold', '"10KiB"');
    await kubo.start();
  });
  after(() => kubo.remove());

  it('are empty in a new repository', async () => {
    assert.equal((await source.probe()).state, 'up');
    assert.deepEqual([await ours(), await listed()], [[], []]);
  });

  it('are those that were written, made and copied there, as Kubo lists them, and they are no pins', async () => {
    write('/hello.txt', 'hello');
    write('/later.txt', 'not flushed', '--flush=false');
    kubo.run('files', 'mkdir', '/photos');
    write('/photos/one.jpg', 'one');
    const large = addedTo(kubo, 'video', 3_000_000, '--pin=false');
    kubo.run('files', 'cp', `/ipfs/${large}`, '/video 🎬.mp4');
    const leaf = addedTo(kubo, 'leaf', 20, '--pin=false', '--raw-leaves');
    kubo.run('files', 'cp', `/ipfs/${leaf}`, '/raw');
    assert.deepEqual(await ours(), await listed());
    const items = await pinsOf(source);
    assert.deepEqual(
      items.map(({ name }) => name),
      ['hello.txt', 'later.txt', 'photos', 'raw', 'video 🎬.mp4'],
    );
    const stated = (name: string): number => Number(kubo.run('files', 'stat', '--format=<cumulsize>', `/${name}`));
    for (const { name = '', sizeBytes } of items) assert.equal(sizeBytes, stated(name), name);
    assert.deepEqual((await factsOf(source, large))?.isFile, true);
    assert.deepEqual((await factsOf(source, items[2]?.cid ?? ''))?.isFile, false);
    const pins = await pinsOf(createKuboSource({ ...options, indirect: () => false }));
    assert.deepEqual(
      pins.map(({ cid }) => isEmptyFolder(cid)),
      [true],
      'Kubo pins an empty folder in each new repository, and nothing else',
    );
  });

  it('have another hint after each change, and the same one without', async () => {
    const hint = (): Promise<string | undefined> => source.hint?.ask(signal) ?? Promise.resolve(undefined);
    const first = await hint();
    assert.ok(first !== undefined && first === (await hint()));
    write('/photos/two.jpg', 'two');
    const second = await hint();
    assert.notEqual(second, first);
    kubo.run('files', 'rm', '/photos/two.jpg');
    assert.equal(await hint(), first, 'the same folder has the same CID');
    const listing = await source.open({ worker });
    await closeListing(worker, listing);
    assert.equal(listing.hint, first);
  });

  it('are changed by our acts, each of which Kubo has on disk once it resolves, and nothing is ever overwritten', async () => {
    const { entries } = source;
    const one = addedTo(kubo, 'one', 30, '--pin=false');
    const two = addedTo(kubo, 'two', 40, '--pin=false');
    const names = async (path = '/'): Promise<string[]> => {
      const answer = await fetch(`${kubo.rpc()}/api/v0/files/ls?arg=${encodeURIComponent(path)}`, { method: 'POST' });
      return (((await answer.json()) as Listed).Entries ?? []).map(({ Name }) => Name).sort();
    };
    const before = await names();
    await entries.makeFolder(['acts'], signal);
    for (const name of ['one', ' a b ', 'n\nl', '...', 'z\u202e', 'x'.repeat(300)])
      await entries.copyHere(one, ['acts', name], signal);
    const strange = await names('/acts');
    assert.equal(strange.length, 6);
    await entries.copyHere(two, ['acts', 'two'], signal);
    const taken = { reason: 'invalid-argument' };
    await assert.rejects(entries.copyHere(two, ['acts', 'one'], signal), taken);
    await assert.rejects(entries.makeFolder(['acts', 'one'], signal), taken);
    await assert.rejects(entries.move({ path: ['acts', 'one'], cid: one }, ['acts', 'two'], signal), taken);
    await assert.rejects(entries.copyHere(two, ['gone', 'two'], signal), { reason: 'no-entry' });
    await entries.makeFolder(['acts', 'below'], signal);
    const below = await entries.folder(['acts', 'below'], signal);
    await assert.rejects(entries.move({ path: ['acts', 'below'], cid: below }, ['acts', 'below', 'x'], signal), taken);
    await entries.move({ path: ['acts', 'one'], cid: one }, ['acts', 'below', '1'], signal);
    await assert.rejects(entries.remove({ path: ['acts', 'below'], cid: below }, signal), { reason: 'mismatch' });
    assert.deepEqual(await names('/acts/below'), ['1']);
    for (const name of strange.filter((each) => each !== 'one')) {
      const putBack = await entries.remove({ path: ['acts', name], cid: one }, signal);
      assert.ok(!(await names('/acts')).includes(name), name);
      await putBack(signal);
      assert.ok((await names('/acts')).includes(name), name);
    }
    const all = await entries.folder(['acts'], signal);
    await kubo.kill();
    await kubo.start();
    assert.equal(await entries.folder(['acts'], signal), all, 'after Kubo was killed');
    const putBack = await entries.remove({ path: ['acts'], cid: all }, signal);
    assert.deepEqual(await names(), before);
    await putBack(signal);
    assert.equal(await entries.folder(['acts'], signal), all);
    await assert.rejects(putBack(signal), taken);
    const again = await entries.remove({ path: ['acts'], cid: all }, signal);
    await assert.rejects(entries.remove({ path: ['acts'], cid: all }, signal), { reason: 'no-entry' });
    kubo.run('repo', 'gc', '--quiet');
    await assert.rejects(again(signal), { reason: 'missing', message: /has deleted its content/ });
    assert.deepEqual(await names(), before);
  });

  it('are listed whole where the root folder is sharded: from disk, and through the daemon', async () => {
    const names = Array.from({ length: MANY }, (_, at) => `many/file-${at}.txt`);
    const form = new FormData();
    for (const name of names) form.append('file', new Blob([name]), name);
    const answer = await fetch(`${kubo.rpc()}/api/v0/add?pin=false&wrap-with-directory=false&cid-version=1&raw-leaves=true`, {
      method: 'POST',
      body: form,
    });
    const last = (await answer.text()).trim().split('\n').at(-1) ?? '';
    const { Hash: many } = JSON.parse(last) as { readonly Hash: string };
    await kubo.stop();
    const before = kubo.run('files', 'chroot', '--confirm', many);
    await kubo.start();
    assert.match(before, new RegExp(many));
    const root = await source.hint?.ask(signal); // Kubo writes the folder again, in its own version of CIDs.
    const block = await flatfsSource(kubo.repository).get(CID.parse(root ?? ''), signal);
    assert.ok(block && dagPb.decode(block).Links.every(({ Name = '' }) => Name.length >= 2), 'the root is sharded');
    const expected = await listed();
    assert.deepEqual([expected.length, await ours()], [MANY, expected]);
    assert.deepEqual(await ours(createFilesSource({ ...options, url: kubo.rpc() })), expected);

    const shard = dagPb.decode(block).Links.find(({ Name }) => Name?.length === 2)?.Hash;
    assert.ok(shard);
    rmSync(blockFile(kubo.repository, shard));
    const listing = await source.open({ worker });
    const left = await worker.request('count', { table: listing.opened.table, of: {} });
    await closeListing(worker, listing);
    assert.ok(left > MANY * 0.9 && left < MANY, `${left}`);
    assert.equal(listing.incomplete, 'broken-off');
    assert.match(
      listing.notes[0] ?? '',
      new RegExp(`1 part of the folder couldn't be read: Block ${shard.toString()} was not found`),
    );
  });

  it('are the same without the daemon, however it ended, after each change, and nothing on disk is touched by listing them', async () => {
    await kubo.stop();
    kubo.run('files', 'chroot', '--confirm'); // the empty folder
    const datastore = path.join(kubo.repository, 'datastore');
    const state = (): unknown => readdirSync(datastore).map((name) => [name, statSync(path.join(datastore, name)).mtimeMs]);
    const left = async (): Promise<string[]> => {
      const before = state();
      const listing = await source.open({ worker });
      await closeListing(worker, listing);
      assert.deepEqual([listing.freshness, listing.hint, listing.daemon?.state], ['snapshot', undefined, 'absent']);
      const entries = await ours();
      assert.deepEqual(state(), before);
      return entries;
    };
    assert.deepEqual(await left(), []);
    let expected: string[] = [];
    for (const how of ['stop', 'kill', 'stop', 'kill'] as const) {
      await kubo.start();
      for (let count = 0; count < 15; count++) write(`/${how}-${expected.length}-${count}`, `${how} ${count}`);
      await entriesFlushed();
      expected = await listed();
      assert.deepEqual(await ours(), expected);
      await kubo[how]();
      assert.deepEqual(await left(), expected, how);
    }
    assert.equal(expected.length, 60);
    kubo.run('files', 'rm', '/stop-0-0'); // Kubo itself opens its datastore, and puts what was in the log into a table.
    assert.deepEqual(
      await left(),
      expected.filter((entry) => !entry.startsWith('stop-0-0 ')),
    );
  });

  it('have a root on disk that Kubo had at some time, also while it writes, or it is said that it does', async () => {
    await kubo.start();
    const roots = new Set([await source.hint?.ask(signal)]);
    const written = new AbortController();
    const writing = (async () => {
      for (let count = 0; count < 150; count++) {
        await fetch(`${kubo.rpc()}/api/v0/files/mkdir?arg=/made-${count}`, { method: 'POST' });
        await entriesFlushed();
        roots.add(await source.hint?.ask(signal));
      }
      written.abort();
    })();
    const found = new Map<string, number>();
    while (!written.signal.aborted) {
      const what = await filesRootOnDisk(kubo.repository, signal).then(
        ({ root }) => String(root),
        (error: unknown) => IpfsKitError.from(error).reason,
      );
      found.set(what, (found.get(what) ?? 0) + 1);
    }
    await writing;
    await kubo.stop();
    const strange = [...found.keys()].filter((each) => !roots.has(each) && each !== 'busy');
    assert.deepEqual(strange, [], JSON.stringify([...found]));
    assert.ok(found.size > 1, JSON.stringify([...found]));
    assert.equal((await ours()).length, 59 + 150);
  });

  it('need the daemon where it stores its settings in pebble', async () => {
    const other = createRealKubo(undefined, 'test,pebbleds');
    try {
      const there = createFilesSource({ ...options, repository: other.repository });
      const message = /Kubo isn't running for .*couldn't be read from disk: .* stores its settings in pebbleds/;
      await assert.rejects(there.open({ worker }), { reason: 'refused', message });
    } finally {
      await other.remove();
    }
  });

  it('need the daemon where its address is set, and to be changed', async () => {
    const there = createFilesSource({ ...options, url: 'http://127.0.0.1:9' });
    await assert.rejects(there.open({ worker }), { reason: 'refused' });
    await assert.rejects(source.entries.makeFolder(['new'], signal), { reason: 'refused', message: /Kubo isn't running for/ });
  });
});
