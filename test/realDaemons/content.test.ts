import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as dagPb from '@ipld/dag-pb';
import { CID } from 'multiformats/cid';
import { IpfsKitError } from '../../src/base/ipfsKitError';
import type { BlockSource } from '../../src/vfs/blockSource';
import { flatfsSource } from '../../src/vfs/flatfs';
import { gatewaySource } from '../../src/vfs/gatewayBlocks';
import type { IpfsFiles } from '../../src/vfs/ipfsFiles';
import { createIpfsFiles } from '../../src/vfs/ipfsFiles';
import { kuboRpcSource } from '../../src/vfs/kuboBlocks';
import { blockSources } from '../../src/vfs/blockSources';
import { createVerifiedBlocks } from '../../src/vfs/verifiedBlocks';
import { blockFile } from '../support/ipfsTree';
import type { RealKubo } from './realKubo';
import { createRealKubo } from './realKubo';

async function bytesOf(files: IpfsFiles, cid: string, names: string[] = []): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of files.read({ cid, path: names })) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function allEntries(files: IpfsFiles, cid: string, names: string[] = []): Promise<string[]> {
  const found: string[] = [];
  for (let offset = 0, more = true; more; offset += 3000) {
    const page = await files.list({ cid, path: names }, { offset, limit: 3000 });
    for (const { name, cid: entry } of page.entries) found.push(`${entry} ${name}`);
    more = page.more;
  }
  return found.sort();
}

/** UnixFS files with the text `foobar!` that omit sizes or state a wrong length; Kubo reads all of them. */
const UNSIZED = ['0802', '08021807', '08021802', '080218072003', '0802180720032004200a', '0802180220032004'];

describe('what a real Kubo has added', () => {
  const source = mkdtempSync(path.join(tmpdir(), 'added-'));
  const large = randomFillSync(new Uint8Array(20_000_000));
  let kubo: RealKubo;
  let gateway: string;
  let roots: { readonly v0: string; readonly v1: string; readonly sharded: string; readonly object: string };

  before(async () => {
    mkdirSync(path.join(source, 'docs/deep'), { recursive: true });
    writeFileSync(path.join(source, 'docs/deep/readme.md'), '# From Kubo\n');
    writeFileSync(path.join(source, 'large.bin'), large);
    for (const size of [0, 1, 262_143, 262_144, 262_145])
      writeFileSync(path.join(source, `${size}.bin`), large.subarray(0, size));
    symlinkSync('docs/deep/readme.md', path.join(source, 'link.md'));
    const many = path.join(source, '..', `${path.basename(source)}-many`);
    mkdirSync(many);
    for (let at = 0; at < 10_000; at++) writeFileSync(path.join(many, `file-${at}.txt`), String(at));
    kubo = createRealKubo();
    kubo.run('config', '--json', 'Import.UnixFSHAMTDirectorySizeThreshold', '"10KiB"');
    gateway = await kubo.start();
    const add = (folder: string, ...options: string[]): string =>
      kubo.run('add', '-rQ', '--pin=false', ...options, folder).trim();
    writeFileSync(path.join(source, '..', `${path.basename(source)}.json`), '{"title":"an object","list":[1,2]}');
    roots = {
      v0: add(source),
      v1: add(source, '--cid-version=1'),
      sharded: add(many, '--cid-version=1'),
      object: kubo.run('dag', 'put', path.join(source, '..', `${path.basename(source)}.json`)).trim(),
    };
    rmSync(many, { recursive: true });
    rmSync(path.join(source, '..', `${path.basename(source)}.json`));
  });
  after(async () => {
    await kubo.remove();
    rmSync(source, { recursive: true, force: true });
  });

  const rpc = (): BlockSource => {
    const port = readFileSync(path.join(kubo.repository, 'api'), 'utf8').split('/').at(-1) ?? '';
    return kuboRpcSource({ url: `http://127.0.0.1:${port}` });
  };
  const from = (...sources: BlockSource[]): IpfsFiles => createIpfsFiles(createVerifiedBlocks(sources));

  const isRight = async (files: IpfsFiles): Promise<void> => {
    for (const root of [roots.v0, roots.v1]) {
      assert.equal(Buffer.compare(await bytesOf(files, root, ['large.bin']), large), 0);
      for (const size of [0, 1, 262_143, 262_144, 262_145])
        assert.equal(Buffer.compare(await bytesOf(files, root, [`${size}.bin`]), large.subarray(0, size)), 0, `${size} bytes`);
      assert.equal((await bytesOf(files, root, ['docs', 'deep', 'readme.md'])).toString('utf8'), '# From Kubo\n');
      const link = await files.stat({ cid: root, path: ['link.md'] });
      assert.deepEqual([link.type, link.target], ['symlink', 'docs/deep/readme.md']);
    }
    assert.equal((await bytesOf(files, roots.sharded, ['file-7777.txt'])).toString('utf8'), '7777');
    assert.deepEqual(JSON.parse((await bytesOf(files, roots.object)).toString('utf8')), { title: 'an object', list: [1, 2] });
  };

  it('is read from its gateway', () => isRight(from(gatewaySource(gateway))));
  it('is read through its RPC', () => isRight(from(rpc())));
  it('is read from its blocks on disk, while it runs', () => isRight(from(flatfsSource(kubo.repository))));

  it('is listed as Kubo lists it, ten thousand sharded entries too', async () => {
    for (const cid of [roots.v0, roots.v1, roots.sharded]) {
      const lines = kubo.run('ls', '--size=false', '--resolve-type=false', cid).trim().split('\n');
      const theirs = lines.map((line) => line.replace(/\/$/, '').replace(/^(\S+)\s+(.*)$/, '$1 $2')).sort();
      assert.deepEqual(await allEntries(from(flatfsSource(kubo.repository)), cid), theirs);
    }
  });

  it('leaves out sizes of a file: it is read as Kubo reads it', async () => {
    const put = (bytes: Uint8Array, codec: string): CID => {
      const file = path.join(source, 'block');
      writeFileSync(file, bytes);
      return CID.parse(kubo.run('block', 'put', `--cid-codec=${codec}`, file).trim());
    };
    const Links = ['foo', 'bar!'].map((text) => ({ Name: '', Hash: put(Buffer.from(text), 'raw'), Tsize: 1 }));
    for (const says of UNSIZED) {
      const cid = put(dagPb.encode({ Data: Buffer.from(says, 'hex'), Links }), 'dag-pb').toString();
      const theirs = kubo.run('cat', cid);
      assert.equal(theirs, 'foobar!', says);
      for (const one of [flatfsSource(kubo.repository), rpc(), gatewaySource(gateway)])
        assert.equal((await bytesOf(from(one), cid)).toString(), theirs, `${says} from ${one.name}`);
    }
  });

  it('has a block beyond 2 MiB, named by BLAKE3: it is read', async () => {
    const file = path.join(source, 'block');
    writeFileSync(file, large.subarray(0, 3_000_000));
    const cid = kubo.run('block', 'put', '--allow-big-block', '--cid-codec=raw', '--mhtype=blake3', file).trim();
    for (const one of [flatfsSource(kubo.repository), rpc(), gatewaySource(gateway)])
      assert.equal(Buffer.compare(await bytesOf(from(one), cid), large.subarray(0, 3_000_000)), 0, one.name);
  });

  it('is read from the repository and its daemon, and without the daemon when that has exited', async () => {
    await isRight(from(...blockSources({ repository: kubo.repository, gateways: [] })));
    await kubo.stop();
    await isRight(from(...blockSources({ repository: kubo.repository, gateways: [] })));
    gateway = await kubo.start();
  });

  it('lacks one leaf: the error names its CID for every source, and the bytes before it are read', async () => {
    const links = kubo.run('refs', `${roots.v1}/large.bin`).trim().split('\n');
    const leaf = links[40] ?? '';
    rmSync(blockFile(kubo.repository, CID.parse(leaf)));
    for (const one of [flatfsSource(kubo.repository), rpc(), gatewaySource(gateway)]) {
      let read = 0;
      await assert.rejects(
        async () => {
          for await (const piece of from(one).read({ cid: roots.v1, path: ['large.bin'] })) read += piece.length;
        },
        (error) => IpfsKitError.is(error, 'missing', 'http-status', 'timeout') && error.message.includes(leaf),
        one.name,
      );
      assert.equal(read, 40 * 262_144, one.name);
    }
  });
});
