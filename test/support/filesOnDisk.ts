import path from 'node:path';
import type { CID } from 'multiformats/cid';
import type { Blocks } from './ipfsTree';
import { writeRepository } from './ipfsTree';
import { writeLevelDb } from './levelDbWriter';

/** Writes Files into a Kubo repository, as Kubo leaves them on disk; without a root, as before its first start. */
export function writeFilesOnDisk(repository: string, blocks: Blocks, root?: CID): void {
  writeRepository(repository, blocks);
  const writes = root ? [{ key: '/local/filesroot', value: root.bytes }] : [];
  writeLevelDb(path.join(repository, 'datastore'), { logs: { 2: [{ sequence: 1, writes }] }, tables: [] });
}
