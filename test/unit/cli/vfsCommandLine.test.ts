import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as dagCbor from '@ipld/dag-cbor';
import { writeRepository } from '../../support/ipfsTree';
import type { KitRun } from '../../support/kit';
import { runKit } from '../../support/kit';
import { Made } from '../../support/madeBlocks';
import { needs, POSIX } from '../../support/needs';

const NAMES = ['page?format=raw', 'page', 'other', ' both ends ', 'two\nlines\n', ' ', '%2e%2e', '..', 'back\\slash', '-dash#?'];

describe('ls and cat on the command line', needs(POSIX), () => {
  const repository = mkdtempSync(path.join(tmpdir(), 'command-line-'));
  let root: string;
  let cbor: string;
  let data: string;
  before(async () => {
    const made = new Made();
    const pool = await made.folder([['a.pkg', await made.leaf('pool bytes')]]);
    const core = await made.folder([
      ['a.pkg', await made.link('../pool/a.pkg')],
      ['up', await made.link('..')],
    ]);
    const odd = await made.folder(await Promise.all(NAMES.map(async (name) => [name, await made.leaf(name)] as const)));
    const links = [['latest', 'pool'], ['again', 'latest'], ['out', '/etc/passwd'], ['above', '../x'], ['loop', 'loop'], ['gone', 'nowhere']] as const; // prettier-ignore
    root = (
      await made.folder([
        ...[['pool', pool] as const, ['core', core] as const, ['odd', odd] as const],
        ...(await Promise.all(links.map(async ([name, target]) => [name, await made.link(target)] as const))),
      ])
    ).toString();
    cbor = (await made.put(dagCbor.code, Buffer.from('9f01ff', 'hex'))).toString();
    data = (await made.put(dagCbor.code, Buffer.from(dagCbor.encode({ a: 1 })))).toString();
    writeRepository(repository, made.blocks);
  });
  after(() => rmSync(repository, { recursive: true, force: true }));

  const run = (what: string, at: string): Promise<KitRun> => runKit([what, at, '--repo', repository]);
  const listed = async (at: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
    (JSON.parse((await run('ls', at)).out) as { entries: Record<string, unknown>[] }).entries;

  it('follow symbolic links as the editor does: to files, through folders, over several, and never out of the CID', async () => {
    for (const at of ['core/a.pkg', 'latest/a.pkg', 'again/a.pkg', 'core/up/core/up/latest/a.pkg'])
      assert.equal((await run('cat', `${root}/${at}`)).out, 'pool bytes', at);
    assert.deepEqual(
      (await listed(`${root}/again`)).map(({ name }) => name),
      ['a.pkg'],
    );
    for (const [at, expected] of [
      ['out', /symbolic link to “\/etc\/passwd”/],
      ['above', /symbolic link to “..\/x”/],
      ['loop', /symbolic link to “loop”/],
      ['out/shadow', /symbolic link/],
      ['gone', /no “nowhere”/],
    ] as const) {
      // prettier-ignore
      const { status, out, err } = await run('cat', `${root}/${at}`);
      assert.deepEqual([status, out], [1, ''], at);
      assert.match(err, expected);
    }
  });

  it('show the target of a symbolic link', async () => {
    const targets = (await listed(root)).map(({ name, target }) => [name, target]);
    assert.deepEqual(targets.filter(([, target]) => target !== undefined), [['above', '../x'], ['again', 'latest'], ['gone', 'nowhere'], ['latest', 'pool'], ['loop', 'loop'], ['out', '/etc/passwd']]); // prettier-ignore
    assert.deepEqual(
      (await listed(`${root}/out`)).map(({ type, target }) => [type, target]),
      [['symlink', '/etc/passwd']],
    );
    assert.deepEqual((await listed(`${root}/core/a.pkg`)).map(({ name, type, target }) => [name, type, target]), [['a.pkg', 'file', undefined]]); // prettier-ignore
  });

  it('find nothing below a file, whatever it is called', async () => {
    const file = String((await listed(`${root}/pool`))[0]?.['cid']);
    for (const verb of ['ls', 'cat'])
      for (const at of [`${file}/foo`, `${file}/a.pkg`, `${file}/foo/bar`, `${data}/x.json`, `${root}/core/a.pkg/foo`]) {
        const { status, out, err } = await run(verb, at);
        assert.deepEqual([status, out], [1, ''], at);
        assert.match(err, /^\{"error":\{"reason":"(?:no-entry|not-a-folder)"/, at);
      }
  });

  it('take a query of gateways for a part of the name where there is one so named, as Kubo does', async () => {
    for (const [at, out] of [
      [`${root}/odd/page?format=raw`, 'page?format=raw'],
      [`/ipfs/${root}/odd/page?format=raw`, 'page?format=raw'],
      [`ipfs://${root}/odd/page?format=raw`, 'page'],
      [`${root}/odd/other?format=raw`, 'other'],
    ] as const)
      // prettier-ignore
      assert.equal((await run('cat', at)).out, out, at);
  });

  it('take names literally', async () => {
    assert.deepEqual(new Set((await listed(`${root}/odd`)).map(({ name }) => name)), new Set(NAMES));
    // As in Kubo, a path is normalized before anything is looked up, so such an entry can only be reached by its own CID.
    for (const name of NAMES.filter((each) => each !== '..'))
      assert.equal((await run('cat', `${root}/odd/${name}`)).out, name, JSON.stringify(name));
    assert.deepEqual(await listed(`${root}/odd/..`), await listed(root));
    assert.equal((await run('cat', ` /ipfs/${root}/core/a.pkg`)).out, 'pool bytes');
    assert.equal((await listed(`${root} `)).length, 9);
  });

  it('give dag-cbor that is not canonical as its bytes, and say so', async () => {
    const { status, out, err } = await run('cat', cbor);
    assert.deepEqual([status, out.length], [0, 3]);
    assert.match(err, /^\{"note":"It is dag-cbor that can't be shown as JSON: /);
    const [entry] = await listed(cbor);
    assert.deepEqual([entry?.['type'], entry?.['size']], ['data', 3]);
    assert.match(String(entry?.['note']), /indefinite/);
  });
});
