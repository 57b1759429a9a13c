import type { Answer, ReplayedRequest } from './replayServer';
import type { Routes } from './daemonStandIn';
import { json } from './daemonStandIn';
import type { Blocks } from './ipfsTree';

/** What Kubo 0.42.0 says of the root folder of its Files. */
export function rootAnswer(root: string): Answer {
  return json({ Hash: root, Size: 0, CumulativeSize: 4, Blocks: 0, Type: 'directory' });
}

/** Responds to `POST /api/v0/block/get` as Kubo 0.42.0 does, with these blocks. `asked` receives the CIDs. */
export function blockGet(blocks: Blocks, asked: string[] = []): (request: ReplayedRequest) => Answer {
  return ({ query }) => {
    const cid = query.get('arg') ?? '';
    asked.push(cid);
    const block = blocks.get(cid);
    if (block) return { body: block.bytes, headers: { 'content-type': 'application/octet-stream' } };
    const why = `block was not found locally (offline): ipld: could not find ${cid}`;
    return json({ Message: why, Code: 0, Type: 'error' }, '500 Internal Server Error');
  };
}

/** The empty folder that a new Kubo has as its Files. */
const NOTHING = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';

/** The responses of a Kubo with nothing in Files. */
export const EMPTY_FILES = {
  'POST /api/v0/files/stat': rootAnswer(NOTHING),
  'POST /api/v0/block/get': { body: Buffer.from([0x0a, 2, 8, 1]) },
} satisfies Routes;

/** Files that requests change as they change Kubo's (0.42.0): its answers to paths that are taken or gone, and what it does where a caller doesn't look first. */
export function changingFiles(entries: Map<string, string>, root: string): Routes {
  const folders = new Set(['/']);
  const failed = (message: string): Answer => json({ Message: message, Code: 0, Type: 'error' }, '500 Internal Server Error');
  const isThere = (path: string): boolean => folders.has(path) || entries.has(path);
  const above = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));
  const EMPTY = { headers: { 'content-type': 'application/json' }, body: '' };
  return {
    'POST /api/v0/files/stat': ({ query }) => {
      const path = query.get('arg') ?? '';
      if (path === '/') return rootAnswer(root);
      const cid = entries.get(path);
      if (cid !== undefined) return json({ Hash: cid, Size: 4, CumulativeSize: 12, Blocks: 0, Type: 'file' });
      return folders.has(path) ? rootAnswer(NOTHING) : failed('file does not exist');
    },
    'POST /api/v0/files/rm': ({ query }) => {
      const path = query.get('arg') ?? '';
      if (!isThere(path))
        return { ...json(`${path}: file does not exist`), trailers: { 'X-Stream-Error': "can't remove some files" } };
      for (const each of [...entries.keys(), ...folders])
        if (each === path || each.startsWith(`${path}/`)) [entries, folders].forEach((of) => of.delete(each));
      return EMPTY;
    },
    'POST /api/v0/files/cp': ({ query }) => {
      const [cid = '', path = ''] = query.getAll('arg');
      if (isThere(path)) return failed(`cp: cannot put node in path ${path}: directory already has entry by that name`);
      if (!folders.has(above(path))) return failed(`cp: cannot put node in path ${path}: file does not exist`);
      entries.set(path, cid.replace('/ipfs/', ''));
      return EMPTY;
    },
    'POST /api/v0/files/mv': ({ query }) => {
      const [from = '', to = ''] = query.getAll('arg');
      const cid = entries.get(from);
      entries.delete(from);
      if (cid !== undefined) entries.set(folders.has(to) ? `${to}${from.slice(from.lastIndexOf('/'))}` : to, cid);
      return cid === undefined ? failed('file does not exist') : EMPTY;
    },
    'POST /api/v0/files/mkdir': ({ query }) => {
      const path = query.get('arg') ?? '';
      if (isThere(path)) return failed('file already exists');
      folders.add(path);
      return EMPTY;
    },
    'POST /api/v0/block/stat': ({ query }) => json({ Key: query.get('arg'), Size: 12 }),
  };
}
