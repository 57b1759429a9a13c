import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importer } from 'ipfs-unixfs-importer';
import { base32upper } from 'multiformats/bases/base32';
import { CID } from 'multiformats/cid';

const SPEC = {
  mounts: [
    { mountpoint: '/blocks', path: 'blocks', shardFunc: '/repo/flatfs/shard/v1/next-to-last/2', type: 'flatfs' },
    { mountpoint: '/', path: 'datastore', type: 'levelds' },
  ],
  type: 'mount',
};

/** The file of a block in a Kubo repository; `cid` is a CID or its text. */
export function blockFile(repository, cid) {
  const key = base32upper.baseEncode((typeof cid === 'string' ? CID.parse(cid) : cid).multihash.bytes);
  return path.join(repository, 'blocks', key.slice(-3, -1), `${key}.data`);
}

/** Imports files into a Kubo repository, below one folder. Returns the CIDs by path ('' for the folder) and the blocks by CID. */
export async function importIntoRepository(repository, files, options = {}) {
  mkdirSync(repository, { recursive: true });
  writeFileSync(path.join(repository, 'datastore_spec'), JSON.stringify(SPEC));
  const blocks = new Map();
  const put = (cid, bytes) => {
    const file = blockFile(repository, cid);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    blocks.set(cid.toString(), bytes);
    return cid;
  };
  const cids = {};
  for await (const { cid, path: name } of importer(files, { put }, { wrapWithDirectory: true, ...options }))
    cids[name ?? ''] = cid.toString();
  return { cids, blocks };
}
