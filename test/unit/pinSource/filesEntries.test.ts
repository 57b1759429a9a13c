import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { IpfsKitError } from '../../../src/base/ipfsKitError';
import { createFilesSource } from '../../../src/pinSource/filesSource';
import { cidForms, decodeCid } from '../../../src/pin/cid';
import type { EntryActions } from '../../../src/pinSource/pinSource';
import type { Routes } from '../../support/daemonStandIn';
import { json, kubo, withStandIn } from '../../support/daemonStandIn';
import { changingFiles } from '../../support/filesStandIn';
import { testFolder } from '../../support/folder';
import type { ReplayServer } from '../../support/replayServer';

const folder = testFolder('files-entries');
const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';
const ROOT = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';
const ONE = 'QmUB9Nr7RpqNYQpyh4W9r3RQNttiPQ6BQ9iQLkw9LztJFz';
const TWO = 'QmapoNeQhJxjMDWstx27etyxMNLU4MtkDk8BMfyHRao8P8';
/** The same content as ONE. */
const ONE_V1 = cidForms(decodeCid(ONE) ?? assert.fail()).v1;
const signal = new AbortController().signal;

/** Runs `check` with the acts on Files that has these entries; `asked` gives the requests since its last call, without those that prove the daemon. */
async function withFiles(
  given: Readonly<Record<string, string>>,
  check: (entries: EntryActions, asked: () => readonly string[], now: ReadonlyMap<string, string>) => Promise<void>,
  others: Routes = {},
): Promise<void> {
  const now = new Map(Object.entries(given));
  const routes = { 'POST /api/v0/id': kubo('id'), ...changingFiles(now, ROOT), ...others };
  await withStandIn(routes, async (url, server: ReplayServer) => {
    const repository = mkdtempSync(path.join(folder, 'repo-'));
    writeFileSync(path.join(repository, 'config'), JSON.stringify({ Identity: { PeerID: PEER } }));
    writeFileSync(path.join(repository, 'api'), `/ip4/127.0.0.1/tcp/${new URL(url).port}`);
    const source = createFilesSource({ repository, url: undefined, authorization: () => Promise.resolve(undefined) });
    let from = 0;
    const asked = (): readonly string[] => {
      const since = server.requests.slice(from);
      from = server.requests.length;
      return since
        .filter(({ path: of }) => of !== '/api/v0/id')
        .map(({ path: of, query }) => `${of.replace(/\?.*/, '').slice('/api/v0/'.length)} ${query.getAll('arg').join(' ')}`);
    };
    await check(source.entries, asked, now);
  });
}

const failing =
  (reason: IpfsKitError['reason'], message: RegExp) =>
  (error: IpfsKitError): boolean => {
    assert.match(error.message, message);
    assert.equal(error.reason, reason);
    return true;
  };

describe('removing from Files', () => {
  it('compares the entry right before, removes it with everything below, and checks that it is gone', () =>
    withFiles({ '/a b.txt': ONE, '/other': TWO }, async (entries, asked, now) => {
      await entries.remove({ path: ['a b.txt'], cid: ONE }, signal);
      assert.deepEqual(asked(), ['files/stat /a b.txt', 'files/rm /a b.txt', 'files/stat /a b.txt']);
      assert.deepEqual([...now], [['/other', TWO]]);
    }));

  it('proves the daemon before and after, asks to remove recursively, and never switches off flushing', () =>
    withStandIn({ 'POST /api/v0/id': kubo('id'), ...changingFiles(new Map([['/a', ONE]]), ROOT) }, async (url, { requests }) => {
      const repository = mkdtempSync(path.join(folder, 'repo-'));
      writeFileSync(path.join(repository, 'config'), JSON.stringify({ Identity: { PeerID: PEER } }));
      writeFileSync(path.join(repository, 'api'), `/ip4/127.0.0.1/tcp/${new URL(url).port}`);
      const source = createFilesSource({ repository, url: undefined, authorization: () => Promise.resolve(undefined) });
      await source.entries.remove({ path: ['a'], cid: ONE }, signal);
      const routes = requests.map(({ path: of }) => of.slice('/api/v0/'.length));
      assert.deepEqual(routes, [
        'id',
        'files/stat?arg=%2Fa&offline=true&timeout=9000ms',
        'files/rm?arg=%2Fa&recursive=true&timeout=9000ms',
        'files/stat?arg=%2Fa&offline=true&timeout=9000ms',
        'id',
      ]);
    }));

  it('takes another spelling of the same CID for the same', () =>
    withFiles({ '/a': ONE }, async (entries, _, now) => {
      await entries.remove({ path: ['a'], cid: ONE_V1 }, signal);
      assert.equal(now.size, 0);
    }));

  it('removes nothing of an entry that has changed or gone, and says so', () =>
    withFiles({ '/a': TWO }, async (entries, asked, now) => {
      await assert.rejects(
        entries.remove({ path: ['a'], cid: ONE }, signal),
        failing('mismatch', /Removing “a” from Files failed: It has changed since it was listed.*Nothing was changed/),
      );
      await assert.rejects(entries.remove({ path: ['b'], cid: ONE }, signal), failing('no-entry', /no longer in Files/));
      assert.deepEqual(asked(), ['files/stat /a', 'files/stat /b']);
      assert.deepEqual([...now], [['/a', TWO]]);
    }));

  it("fails with Kubo's own words, which come with status 200", () =>
    withFiles(
      { '/a': ONE },
      async (entries) => {
        const failure = failing('http-status', /Kubo at http:.* says: .*a: disk is full/);
        await assert.rejects(entries.remove({ path: ['a'], cid: ONE }, signal), failure);
      },
      { 'POST /api/v0/files/rm': json('/a: disk is full') },
    ));

  it('fails where Kubo confirms it, but still has the entry; and succeeds where only its response is lost', async () => {
    await withFiles(
      { '/a': ONE },
      async (entries) => {
        await assert.rejects(
          entries.remove({ path: ['a'], cid: ONE }, signal),
          failing('foreign', /confirmed it, but it is still there/),
        );
      },
      { 'POST /api/v0/files/rm': { body: '' } },
    );
    const now = new Map([['/a', ONE]]);
    await withFiles(
      {},
      async (entries) => {
        await entries.remove({ path: ['a'], cid: ONE }, signal);
        assert.equal(now.size, 0);
      },
      {
        ...changingFiles(now, ROOT),
        'POST /api/v0/files/rm': () => {
          now.clear();
          return { body: '', fault: { kind: 'cut', after: 0 } };
        },
      },
    );
  });

  it('is undone at the same path, unless that is taken, the folder is gone, or the content is deleted', async () => {
    await withFiles({ '/a': ONE }, async (entries, asked, now) => {
      const putBack = await entries.remove({ path: ['a'], cid: ONE }, signal);
      asked();
      await putBack(signal);
      const routes = ['files/stat /a', `block/stat ${ONE}`, 'files/stat /a', `files/cp /ipfs/${ONE} /a`, 'files/stat /a'];
      assert.deepEqual([asked(), [...now]], [routes, [['/a', ONE]]]);
      await assert.rejects(putBack(signal), failing('invalid-argument', /Putting “a” back failed: Files already has “a”/));
    });
    await withFiles({ '/d/a': ONE }, async (entries, asked, now) => {
      const putBack = await entries.remove({ path: ['d', 'a'], cid: ONE }, signal);
      asked();
      await assert.rejects(putBack(signal), failing('no-entry', /no folder “d” any more/));
      assert.deepEqual([asked(), now.size], [['files/stat /d'], 0]);
    });
    await withFiles(
      { '/a': ONE },
      async (entries, _, now) => {
        const putBack = await entries.remove({ path: ['a'], cid: ONE }, signal);
        await assert.rejects(putBack(signal), failing('missing', /has deleted its content/));
        assert.equal(now.size, 0);
      },
      { 'POST /api/v0/block/stat': json({ Message: 'block was not found locally' }, '500 Internal Server Error') },
    );
  });

  it('is undone only at the Kubo that it was removed from', () =>
    withFiles(
      { '/a': ONE },
      async (entries, asked) => {
        const putBack = await entries.remove({ path: ['a'], cid: ONE }, signal);
        asked();
        await assert.rejects(putBack(signal), { reason: 'foreign' });
        assert.deepEqual(asked(), []);
      },
      { 'POST /api/v0/id': [kubo('id'), kubo('id'), json({ ID: `${PEER.slice(0, -4)}abcd` })] },
    ));
});

describe('names that no path of Kubo can contain', () => {
  for (const name of ['', '.', '..', 'a/b', 'a\u0000b', 'bad\ufffd', '\ud800', 'x'.repeat(1001)])
    it(`are refused before anything is sent: ${JSON.stringify(name).slice(0, 20)}`, () =>
      withFiles({ '/a': ONE }, async (entries, asked) => {
        const refused = failing('invalid-argument', /can't be reached by a path in Kubo's Files/);
        await assert.rejects(entries.remove({ path: [name], cid: ONE }, signal), refused);
        await assert.rejects(entries.remove({ path: ['d', name], cid: ONE }, signal), refused);
        await assert.rejects(entries.move({ path: [name], cid: ONE }, ['b'], signal), refused);
        await assert.rejects(entries.move({ path: ['a'], cid: ONE }, [name], signal), refused);
        await assert.rejects(entries.copyHere(ONE, [name], signal), refused);
        await assert.rejects(entries.makeFolder([name], signal), refused);
        assert.deepEqual(asked(), []);
      }));

  it('are others than those that only look strange', () =>
    withFiles({}, async (entries, _, now) => {
      const names = [' a b ', 'n\nl', 'z\u202e', '...', 'b\\c', 'p%2Fq', '?arg=&x', 'é', '🎬'];
      for (const name of names) await entries.copyHere(ONE, [name], signal);
      assert.deepEqual(
        [...now.keys()],
        names.map((name) => `/${name}`),
      );
    }));
});

describe('copying, making and moving in Files', () => {
  it('copies where nothing is, and checks that it is there', () =>
    withFiles({ '/a': ONE }, async (entries, asked, now) => {
      await entries.makeFolder(['d'], signal);
      assert.deepEqual(asked(), ['files/stat /d', 'files/mkdir /d', 'files/stat /d']);
      await entries.copyHere(TWO, ['d', 'b'], signal);
      assert.deepEqual(asked(), ['files/stat /d', 'files/stat /d/b', `files/cp /ipfs/${TWO} /d/b`, 'files/stat /d/b']);
      assert.equal(now.get('/d/b'), TWO);
      const taken = failing('invalid-argument', /Files already has “a”. Nothing was changed. Choose another name/);
      await assert.rejects(entries.copyHere(TWO, ['a'], signal), taken);
      await assert.rejects(entries.makeFolder(['a'], signal), taken);
      await assert.rejects(entries.copyHere(TWO, ['gone', 'a'], signal), failing('no-entry', /no folder “gone” any more/));
      assert.deepEqual(
        asked().filter((route) => !route.startsWith('files/stat')),
        [],
      );
    }));

  it('moves an entry that is unchanged to a free path, and never over a file, into a folder that has the name, or below itself', () =>
    withFiles({ '/a': ONE, '/b': TWO }, async (entries, asked, now) => {
      await entries.move({ path: ['a'], cid: ONE }, ['c'], signal);
      assert.deepEqual(asked(), ['files/stat /a', 'files/stat /c', 'files/mv /a /c', 'files/stat /c', 'files/stat /a']);
      await entries.makeFolder(['d'], signal);
      asked();
      const taken = failing('invalid-argument', /already has/);
      await assert.rejects(entries.move({ path: ['c'], cid: ONE }, ['b'], signal), taken);
      await assert.rejects(entries.move({ path: ['c'], cid: ONE }, ['d'], signal), taken);
      await assert.rejects(entries.move({ path: ['c'], cid: TWO }, ['e'], signal), failing('mismatch', /has changed/));
      const itself = failing('invalid-argument', /can't be moved into itself/);
      for (const to of [['d'], ['d', 'x'], ['d', 'x', 'y']])
        await assert.rejects(entries.move({ path: ['d'], cid: ROOT }, to, signal), itself);
      assert.deepEqual(
        asked().filter((route) => !route.startsWith('files/stat')),
        [],
      );
      await entries.move({ path: ['c'], cid: ONE }, ['d', 'c'], signal);
      assert.deepEqual([now.get('/d/c'), now.get('/b'), now.size], [ONE, TWO, 2]);
    }));

  it('gives the CID of a folder as it is now', () =>
    withFiles({ '/a': ONE }, async (entries) => {
      assert.equal(await entries.folder([], signal), ROOT);
      await assert.rejects(entries.folder(['a'], signal), { reason: 'no-entry' });
      await assert.rejects(entries.folder(['b'], signal), { reason: 'no-entry' });
    }));
});
