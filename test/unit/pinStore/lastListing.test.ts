import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findLastListing, listingKeeper } from '../../../src/pinStore/lastListing';
import { newFolder } from './testDatabases';
import { needs, POSIX } from '../../support/needs';

const URL_A = 'http://127.0.0.1:8774';
const URL_B = 'http://127.0.0.1:9999';

function keeping(): { readonly folder: string; readonly keeper: ReturnType<typeof listingKeeper> } {
  const folder = path.join(newFolder(), 'last-lists');
  return { folder, keeper: listingKeeper(folder) };
}

describe('the last live list', () => {
  it('is stored as it was received, for each daemon, readable only by the user', needs(POSIX), async () => {
    const { folder, keeper } = keeping();
    assert.equal(findLastListing(folder, [URL_A]), undefined);
    assert.ok(await keeper.keep(URL_A, 'arrow', Buffer.from('arrow of a')));
    assert.ok(await keeper.keep(URL_B, 'json', Buffer.from('json of b')));
    const a = findLastListing(folder, [URL_A]);
    assert.deepEqual([a?.kind, a?.url, a && readFileSync(a.path, 'utf8')], ['arrow', URL_A, 'arrow of a']);
    assert.ok(a && Math.abs(a.receivedMs - Date.now()) < 60_000);
    assert.equal(findLastListing(folder, ['http://127.0.0.1:1']), undefined);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const name of readdirSync(folder)) assert.equal(statSync(path.join(folder, name)).mode & 0o777, 0o600);
  });

  it('is the newest of those that the daemons gave', async () => {
    const { folder, keeper } = keeping();
    await keeper.keep(URL_A, 'arrow', Buffer.from('a'));
    await keeper.keep(URL_B, 'arrow', Buffer.from('b'));
    const older = findLastListing(folder, [URL_A]);
    assert.ok(older);
    utimesSync(older.path, 1, 1);
    assert.equal(findLastListing(folder, [URL_A, URL_B])?.url, URL_B);
  });

  it('replaces the previous one, also of the other kind, and leaves nothing else', async () => {
    const { folder, keeper } = keeping();
    for (const [kind, text] of [
      ['arrow', 'one'],
      ['arrow', 'two'],
      ['json', 'three'],
    ] as const)
      await keeper.keep(URL_A, kind, Buffer.from(text));
    assert.equal(readdirSync(folder).length, 1);
    const last = findLastListing(folder, [URL_A]);
    assert.equal(last && readFileSync(last.path, 'utf8'), 'three');
  });

  it("that has not changed isn't written again: only its time changes", async () => {
    const { folder, keeper } = keeping();
    await keeper.keep(URL_A, 'arrow', Buffer.from('same'));
    const first = findLastListing(folder, [URL_A]);
    assert.ok(first);
    const { ino } = statSync(first.path);
    utimesSync(first.path, 1000, 1000);
    await keeper.keep(URL_A, 'arrow', Buffer.from('same'));
    assert.equal(statSync(first.path).ino, ino);
    assert.ok(statSync(first.path).mtimeMs > 1_000_000_000_000);
  });

  it("is optional: if it can't be saved, nothing else fails", async () => {
    const { folder } = keeping();
    writeFileSync(folder, 'a file where the folder should be');
    assert.equal(await listingKeeper(folder).keep(URL_A, 'arrow', Buffer.from('x')), false);
  });

  it('of daemons not seen for long is deleted, and so are files left half written', async () => {
    const { folder, keeper } = keeping();
    for (let number = 0; number < 12; number++) {
      await keeper.keep(`http://127.0.0.1:${number}`, 'arrow', Buffer.from(`list ${number}`));
      const file = findLastListing(folder, [`http://127.0.0.1:${number}`])?.path ?? '';
      utimesSync(file, 1000 + number, 1000 + number);
    }
    const left = path.join(folder, 'x.arrow.1.tmp');
    writeFileSync(left, 'half');
    utimesSync(left, 1000, 1000);
    await keeper.keep(URL_A, 'arrow', Buffer.from('newest'));
    assert.ok(!existsSync(left));
    assert.ok(readdirSync(folder).length <= 8);
    assert.ok(findLastListing(folder, [URL_A]));
    assert.ok(findLastListing(folder, ['http://127.0.0.1:11']));
    assert.equal(findLastListing(folder, ['http://127.0.0.1:0']), undefined);
  });

  it("isn't read from anything but a file", async () => {
    const { folder, keeper } = keeping();
    await keeper.keep(URL_A, 'arrow', Buffer.from('x'));
    chmodSync(folder, 0o700);
    assert.equal(findLastListing(path.join(folder, 'nowhere'), [URL_A]), undefined);
  });
});
