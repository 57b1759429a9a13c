import assert from 'node:assert/strict';
import { createHash, randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { flatfsSource } from '../../../src/vfs/flatfs';
import { createIpfsFiles } from '../../../src/vfs/ipfsFiles';
import { createVerifiedBlocks } from '../../../src/vfs/verifiedBlocks';
import { startBlockGateway } from '../../support/blockGateway';
import { gatewaySource } from '../../../src/vfs/gatewayBlocks';
import type { ImportedTree } from '../../support/ipfsTree';
import { importTree, writeRepository } from '../../support/ipfsTree';

const BYTES = 60_000_000;
const LEAF = 262_144;

/**
 * The most blocks that a range takes: the folder and the root of the file; if it isn't empty, the two nodes below that, and leaves. Before a range within the
 * first 2^20 bytes, leaves are read too, to be counted.
 */
function blocksOf(offset: number, end: number): { readonly nodes: number; readonly leaves: number } {
  if (offset >= end) return { nodes: 2, leaves: 0 };
  return { nodes: 4, leaves: Math.ceil(end / LEAF) - (offset > 2 ** 20 ? Math.floor(offset / LEAF) : 0) };
}

describe('a file of 60 MB', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'large-'));
  const content = randomFillSync(new Uint8Array(BYTES));
  let tree: ImportedTree;
  const file = (): { cid: string; path: string[] } => ({ cid: tree.root.toString(), path: ['file.bin'] });

  before(async () => {
    tree = await importTree([{ path: 'file.bin', content }]);
    writeRepository(folder, tree.blocks);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const digest = (pieces: readonly Uint8Array[]): string => {
    const hash = createHash('sha256');
    for (const piece of pieces) hash.update(piece);
    return hash.digest('hex');
  };

  it('is read completely, from disk and from a gateway', async () => {
    const gateway = await startBlockGateway(tree.blocks);
    try {
      for (const source of [flatfsSource(folder), gatewaySource(gateway.url)]) {
        const pieces: Uint8Array[] = [];
        for await (const piece of createIpfsFiles(createVerifiedBlocks([source])).read(file())) pieces.push(piece);
        assert.equal(digest(pieces), digest([content]), source.name);
      }
    } finally {
      await gateway.stop();
    }
  });

  it('is read from anywhere to anywhere, in as many blocks as that takes', async () => {
    const disk = flatfsSource(folder);
    const ranges = fc.tuple(fc.integer({ min: 0, max: BYTES + 1000 }), fc.integer({ min: 0, max: 2_000_000 }));
    await fc.assert(
      fc.asyncProperty(ranges, async ([offset, length]) => {
        let asked = 0;
        const counted = { ...disk, get: (...args: Parameters<typeof disk.get>) => (asked++, disk.get(...args)) };
        const pieces: Uint8Array[] = [];
        const files = createIpfsFiles(createVerifiedBlocks([counted]));
        for await (const piece of files.read(file(), { offset, length })) pieces.push(piece);
        assert.equal(Buffer.compare(Buffer.concat(pieces), content.subarray(offset, offset + length)), 0);
        const { nodes, leaves } = blocksOf(offset, Math.min(offset + length, BYTES));
        assert.ok(asked <= nodes + leaves, `${asked} blocks for ${length} bytes from ${offset}`);
      }),
      { numRuns: 60, examples: [[[786_433, 0]], [[2 ** 20, 1]], [[2 ** 20 + 1, 0]], [[BYTES, 1]]] },
    );
  });

  it("isn't read ahead of its consumer", async () => {
    const disk = flatfsSource(folder);
    let asked = 0;
    const counted = { ...disk, get: (...args: Parameters<typeof disk.get>) => (asked++, disk.get(...args)) };
    const reading = createIpfsFiles(createVerifiedBlocks([counted])).read(file());
    await reading.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(asked < 20, `${asked} blocks for the first piece`);
    await reading.return(undefined);
  });
});
