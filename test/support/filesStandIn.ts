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
