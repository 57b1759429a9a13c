import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { IpfsFiles } from '../../../src/vfs/ipfsFiles';
import { createIpfsFiles } from '../../../src/vfs/ipfsFiles';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';
import { importTree } from '../../support/ipfsTree';

/** All content below a CID as one text. */
async function readAll(files: IpfsFiles, cid: string, path: readonly string[] = []): Promise<string> {
  const { type } = await files.stat({ cid, path });
  if (type !== 'directory') {
    const pieces: Uint8Array[] = [];
    for await (const piece of files.read({ cid, path })) pieces.push(piece);
    return `${path.join('/')}=${Buffer.concat(pieces).toString('hex')}\n`;
  }
  const { entries } = await files.list({ cid, path }, { offset: 0, limit: 100 });
  const below: string[] = [];
  for (const { name } of entries) below.push(await readAll(files, cid, [...path, name]));
  return below.join('');
}

describe('every bit of every block of a tree', () => {
  it('is compared: turned over, nothing that needs the block is shown', async () => {
    const content = Buffer.from('some bytes of a file that has several blocks');
    const tree = await importTree(
      [
        { path: 'a/file.txt', content },
        { path: 'b.txt', content: Buffer.from('b') },
      ],
      { rawLeaves: true, chunker: async function* (source) { for await (const piece of source) for (let at = 0; at < piece.length; at += 16) yield piece.subarray(at, at + 16); } }, // prettier-ignore
    );
    assert.ok(tree.blocks.size >= 6);
    const whole = await readAll(filesWith(), tree.root.toString());
    assert.ok(whole.includes(content.toString('hex')));

    function filesWith(changed?: { readonly cid: string; readonly bytes: Uint8Array }): IpfsFiles {
      const get = (cid: { toString(): string }): Promise<Uint8Array | undefined> =>
        Promise.resolve(cid.toString() === changed?.cid ? changed.bytes : tree.blocks.get(cid.toString())?.bytes);
      return createIpfsFiles(createVerifiedBlocks([{ name: 'memory', get }]));
    }

    let bits = 0;
    for (const [cid, { bytes }] of tree.blocks)
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        bits++;
        await assert.rejects(readAll(filesWith({ cid, bytes: changed }), tree.root.toString()), (error) => {
          assert.ok(IpfsKitError.is(error, 'mismatch'), String(error));
          return true;
        });
      }
    assert.ok(bits > 2000, `${bits} bits`);
  });
});
