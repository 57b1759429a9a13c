// Writes media/sample/content: the blocks of the sample pins that can be opened, as a Kubo repository has them. Run it after a change to
// scripts/sampleContent, and put the CIDs and sizes that it prints into scripts/sampleDatabase.py.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importer } from 'ipfs-unixfs-importer';
import { base32upper } from 'multiformats/bases/base32';
import { inRoot } from '../lib/project.mjs';

const repository = inRoot('media/sample/content');
const spec = { type: 'flatfs', path: 'blocks', shardFunc: '/repo/flatfs/shard/v1/next-to-last/2' };
const read = (file) => ({ path: file, content: readFileSync(inRoot('scripts/sampleContent', file)) });

rmSync(repository, { recursive: true, force: true });
mkdirSync(repository, { recursive: true });
writeFileSync(path.join(repository, 'datastore_spec'), `${JSON.stringify(spec)}\n`);

let bytes = 0;
const blocks = {
  put: (cid, block) => {
    const key = base32upper.baseEncode(cid.multihash.bytes);
    const folder = path.join(repository, 'blocks', key.slice(-3, -1));
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `${key}.data`), block);
    bytes += block.length;
    return cid;
  },
};
const pins = [
  [['welcome/README.md', 'welcome/cube.png'], { cidVersion: 1, rawLeaves: true }],
  [['hello-world.txt'], { cidVersion: 0, rawLeaves: false }],
  [[], { cidVersion: 0 }],
];
for (const [files, options] of pins) {
  const content = files.length > 0 ? files.map(read) : [{ path: 'empty-folder' }];
  let root;
  bytes = 0;
  for await (const entry of importer(content, blocks, options)) root = entry;
  console.log(`${root.cid} ${root.path} ${bytes} bytes`);
}
