import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { sha256 } from 'multiformats/hashes/sha2';
import type { IpfsFiles } from '../../src/vfs/ipfsFiles';
import { createIpfsFiles } from '../../src/vfs/ipfsFiles';
import { createVerifiedBlocks } from '../../src/vfs/verifiedBlocks';
import type { Blocks } from './ipfsTree';

/** Makes blocks whose hashes are right and whose contents no importer writes. */
export class Made {
  readonly blocks: Blocks = new Map();

  async put(code: number, bytes: Uint8Array): Promise<CID> {
    const cid = CID.createV1(code, await sha256.digest(bytes));
    this.blocks.set(cid.toString(), { cid, bytes });
    return cid;
  }

  async node(unixfs: UnixFS, links: readonly (readonly [string, CID])[] = []): Promise<CID> {
    const Links = links.map(([Name, Hash]) => ({ Name, Hash, Tsize: 1 })); // dag-pb orders links by the bytes of their names.
    Links.sort((a, b) => Buffer.compare(Buffer.from(a.Name), Buffer.from(b.Name)));
    return this.put(dagPb.code, dagPb.encode({ Data: unixfs.marshal(), Links }));
  }

  leaf(text: string): Promise<CID> {
    return this.put(raw.code, Buffer.from(text));
  }

  folder(links: readonly (readonly [string, CID])[]): Promise<CID> {
    return this.node(new UnixFS({ type: 'directory' }), links);
  }

  link(target: string): Promise<CID> {
    return this.node(new UnixFS({ type: 'symlink', data: Buffer.from(target) }));
  }

  files(): IpfsFiles {
    const get = (cid: CID): Promise<Uint8Array | undefined> => Promise.resolve(this.blocks.get(cid.toString())?.bytes);
    return createIpfsFiles(createVerifiedBlocks([{ name: 'memory', get }]));
  }
}
