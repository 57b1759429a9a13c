import { createHash, randomFillSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { flatfsSource } from '../../src/vfs/flatfs';
import { createIpfsFiles } from '../../src/vfs/ipfsFiles';
import { createVerifiedBlocks } from '../../src/vfs/verifiedBlocks';
import { importTree, writeRepository } from '../../test/support/ipfsTree';

/** Reads a file of 60 MB out of a Kubo repository, and the same bytes out of a plain file with SHA-256; prints the milliseconds of each run. */

const BYTES = 60_000_000;
const [, , folder = '', turns = '7'] = process.argv;
const plain = path.join(folder, 'plain.bin');
const about = path.join(folder, 'about.json');

async function make(): Promise<string> {
  const content = randomFillSync(new Uint8Array(BYTES));
  writeFileSync(plain, content);
  const { root, blocks } = await importTree([{ path: 'file.bin', content }]);
  writeRepository(folder, blocks);
  writeFileSync(about, JSON.stringify({ root: root.toString() }));
  return root.toString();
}

async function main(): Promise<void> {
  const cid = existsSync(about) ? (JSON.parse(readFileSync(about, 'utf8')) as { root: string }).root : await make();
  const figures = { verified: [] as number[], plain: [] as number[], ranged: [] as number[], blocks: 0 };
  const disk = flatfsSource(folder);
  let asked = 0;
  const counted = { ...disk, get: (...[block, signal]: Parameters<typeof disk.get>) => (asked++, disk.get(block, signal)) };
  for (let turn = 0; turn <= Number(turns); turn++) {
    const bytes = createIpfsFiles(createVerifiedBlocks([disk])).read({ cid, path: ['file.bin'] });
    let began = performance.now();
    let length = 0;
    for await (const piece of bytes) length += piece.length;
    const verified = performance.now() - began;
    if (length !== BYTES) throw new Error(`${length} bytes were read.`);

    began = performance.now();
    createHash('sha256').update(readFileSync(plain)).digest();
    const read = performance.now() - began;

    asked = 0;
    const some = createIpfsFiles(createVerifiedBlocks([counted])).read(
      { cid, path: ['file.bin'] },
      { offset: 33_333_333, length: 10 },
    );
    began = performance.now();
    await some.next();
    const ranged = performance.now() - began;
    await some.return(undefined);
    if (turn === 0) continue; // warms the caches
    figures.verified.push(verified);
    figures.plain.push(read);
    figures.ranged.push(ranged);
    figures.blocks = asked;
  }
  process.stdout.write(JSON.stringify(figures));
}

void main();
