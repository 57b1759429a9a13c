import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { filesRootOnDisk } from '../../../src/vfs/filesRootOnDisk';
import { testFolder } from '../../support/folder';
import { writeRepository } from '../../support/ipfsTree';
import { writeLevelDb } from '../../support/levelDbWriter';
import { needs, POSIX } from '../../support/needs';

const folder = testFolder('files-root');
const LOG = path.join(process.cwd(), 'test/fixtures/leveldb/log');
const { signal } = new AbortController();

function repository(change: (at: string) => void = () => undefined): string {
  const at = mkdtempSync(path.join(folder, 'repo-'));
  writeRepository(at, new Map());
  writeFileSync(path.join(at, 'config'), '{}');
  cpSync(LOG, path.join(at, 'datastore'), { recursive: true });
  change(at);
  return at;
}
const spec = (of: unknown) => (at: string) => writeFileSync(path.join(at, 'datastore_spec'), JSON.stringify(of));
const mounts = (settings: object) =>
  spec({ type: 'mount', mounts: [{ mountpoint: '/blocks', type: 'flatfs', path: 'blocks' }, settings] });
const levelDb = { mountpoint: '/', type: 'levelds', path: 'datastore' };

describe('the root folder of Files without Kubo', () => {
  const ROOT = 'QmdtgNzDnLKkhyziU3kXRtf4SfAeh1Lah4T5hwVdmXh6Br';
  const found = async (at: string): Promise<string | undefined> => (await filesRootOnDisk(at, signal)).root?.toString();

  it('is read from the datastore of the repository', async () => {
    assert.equal(await found(repository()), ROOT);
    assert.equal(await found(repository(spec(levelDb))), ROOT, 'which may be its only one');
    assert.equal(
      await found(
        repository((at) => {
          mounts({ ...levelDb, mountpoint: '/local', path: 'own' })(at);
          cpSync(LOG, path.join(at, 'own'), { recursive: true });
        }),
      ),
      ROOT,
      'and may be one for fewer keys',
    );
  });

  it('is none where Kubo has written none', async () => {
    const fresh = repository((at) => {
      rmSync(path.join(at, 'datastore'), { recursive: true });
      writeLevelDb(path.join(at, 'datastore'), { logs: { 2: [] }, tables: [] });
    });
    assert.equal(await found(fresh), undefined);
  });

  it('is read through a link to another disk', needs(POSIX), async () => {
    const linked = repository((at) => {
      rmSync(path.join(at, 'datastore'), { recursive: true });
      symlinkSync(LOG, path.join(at, 'datastore'));
    });
    assert.equal(await found(linked), ROOT);
  });

  it('needs Kubo where the metadata are stored in another way or elsewhere', async () => {
    for (const [what, change, message] of [
      ['pebble', mounts({ ...levelDb, type: 'pebbleds' }), /stores its metadata in pebbleds; only LevelDB in the repository/],
      ['badger', spec({ type: 'badgerds', path: 'badgerds' }), /stores its metadata in badgerds/],
      ['no type', mounts({ mountpoint: '/', path: 'datastore' }), /stores its metadata in an unknown way/],
      ['elsewhere', mounts({ ...levelDb, path: LOG }), /stores its metadata outside it/],
      ['above', mounts({ ...levelDb, path: '../datastore' }), /stores its metadata outside the repository/],
      ['network', mounts({ ...levelDb, path: '//host/share' }), /stores its metadata at the network path/],
      ['no path', mounts({ mountpoint: '/', type: 'levelds' }), /unknown folder layout/],
    ] as const)
      await assert.rejects(found(repository(change)), { reason: 'unsupported', message }, what);
  });

  it('is an error where the repository is damaged', async () => {
    await assert.rejects(found(path.join(folder, 'nowhere')), { reason: 'missing' });
    await assert.rejects(found(repository((at) => writeFileSync(path.join(at, 'datastore_spec'), '{'))), { reason: 'malformed' });
    await assert.rejects(found(repository(mounts({ mountpoint: { toString: 1 }, type: 'levelds', path: 'datastore' }))), { reason: 'malformed' }); // prettier-ignore
    await assert.rejects(found(repository(mounts({ mountpoint: '/other', type: 'levelds', path: 'datastore' }))), { reason: 'malformed', message: /doesn't say where the metadata are/ }); // prettier-ignore
    await assert.rejects(found(repository((at) => rmSync(path.join(at, 'datastore'), { recursive: true }))), { reason: 'unreadable' }); // prettier-ignore
    const empty = repository((at) => {
      rmSync(path.join(at, 'datastore'), { recursive: true });
      mkdirSync(path.join(at, 'datastore'));
    });
    await assert.rejects(found(empty), { reason: 'missing' });
    const noCid = repository((at) => {
      rmSync(path.join(at, 'datastore'), { recursive: true });
      const write = { key: '/local/filesroot', value: Buffer.from('not a CID') };
      writeLevelDb(path.join(at, 'datastore'), { logs: { 2: [{ sequence: 1, writes: [write] }] }, tables: [] });
    });
    await assert.rejects(found(noCid), { reason: 'corrupt', message: /isn't a CID/ });
  });

  it('leaves the repository as it is', async () => {
    const at = repository();
    const log = path.join(at, 'datastore/000013.log');
    const before = readFileSync(log);
    await found(at);
    assert.deepEqual(readFileSync(log), before);
  });
});
