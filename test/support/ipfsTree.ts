import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ImportCandidate, ImporterOptions } from 'ipfs-unixfs-importer';
import { importer } from 'ipfs-unixfs-importer';
import { base32upper } from 'multiformats/bases/base32';
import type { CID } from 'multiformats/cid';

/** Blocks by the text of their CID. */
export type Blocks = Map<string, { readonly cid: CID; readonly bytes: Uint8Array }>;

export interface ImportedTree {
  readonly root: CID;
  readonly blocks: Blocks;
  /** The CID of every file and folder by its path below the root, which is ''. */
  readonly cids: ReadonlyMap<string, CID>;
}

/** Imports a tree into memory as `ipfs add` does (CID version 1, raw leaves). */
export async function importTree(candidates: Iterable<ImportCandidate>, options: ImporterOptions = {}): Promise<ImportedTree> {
  const blocks: Blocks = new Map();
  const store = {
    put: (cid: CID, bytes: Uint8Array): CID => {
      blocks.set(cid.toString(), { cid, bytes });
      return cid;
    },
  };
  const cids = new Map<string, CID>();
  let root: CID | undefined;
  for await (const { cid, path: name } of importer(candidates, store, { wrapWithDirectory: true, ...options })) {
    cids.set(name ?? '', cid);
    root = cid;
  }
  if (!root) throw new Error('Nothing was imported.');
  return { root, blocks, cids };
}

const SPEC = {
  mounts: [
    { mountpoint: '/blocks', path: 'blocks', shardFunc: '/repo/flatfs/shard/v1/next-to-last/2', type: 'flatfs' },
    { mountpoint: '/', path: 'datastore', type: 'levelds' },
  ],
  type: 'mount',
};

/** Writes blocks in the layout of a Kubo repository. */
export function writeRepository(folder: string, blocks: Blocks): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'datastore_spec'), JSON.stringify(SPEC));
  for (const { cid, bytes } of blocks.values()) {
    const file = blockFile(folder, cid);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}

export function blockFile(folder: string, cid: CID): string {
  const key = base32upper.baseEncode(cid.multihash.bytes);
  return path.join(folder, 'blocks', key.slice(-3, -1), `${key}.data`);
}
