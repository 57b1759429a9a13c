// Stands in for Kubo's RPC API on loopback, for journeys. Responses have the shapes of Kubo 0.41 (test/fixtures/kubo), trailers included.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';
/** The empty folder that a new Kubo has as its Files, and its block. */
const EMPTY = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';
const EMPTY_BLOCK = Buffer.from([0x0a, 2, 8, 1]);

/**
 * `pins`: [{ cid, name?, type, bytes, isFolder? }], from which unpinning removes. `files`: `{ root, items }`, the CID of the root folder of Files, whose blocks are repository, and what else Kubo knows of content: [{ cid, bytes, isFolder? }]; filesTree.mjs makes one that requests change; Kubo knows of content: [{ cid, bytes, isFolder? }]; by default Files are empty. `faults.list`: an error text in the trailer of the list;
 * `faults.silent`: no request is answered; `faults.gone`: CIDs whose content has been deleted.
 */
export async function startKuboStandIn({ repository, pins, token, files = { root: EMPTY, items: [] } }) {
  const faults = {};
  const asked = [];
  const unpinned = new Map();
  const server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
    asked.push(request.url);
    if (faults.silent) return;
    if (request.method !== 'POST') return void response.writeHead(405).end();
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return void response
        .writeHead(403, { 'content-type': 'text/plain' })
        .end('Kubo RPC Access Denied: Please provide a valid authorization token');
    const arg = (query.get('arg') ?? '').replace('/ipfs/', '');
    const found = pins.find(({ cid, type }) => cid === arg && (query.get('type') ?? type) === type);
    const lines = (objects, trailer) => {
      response.writeHead(200, { 'content-type': 'application/json', trailer: 'X-Stream-Error', 'x-chunked-output': '1' });
      for (const object of objects) response.write(`${JSON.stringify(object)}\n`);
      if (trailer !== undefined) response.addTrailers({ 'X-Stream-Error': trailer });
      response.end();
    };
    const fail = (message) =>
      response
        .writeHead(500, { 'content-type': 'application/json' })
        .end(JSON.stringify({ Message: message, Code: 0, Type: 'error' }));
    const line = ({ cid, name, type }) => ({
      Cid: cid,
      ...(name && query.get('names') === 'true' && { Name: name }),
      Type: type,
    });
    switch (pathname) {
      case '/api/v0/id':
        return void lines([{ ID: PEER, AgentVersion: 'kubo/0.41.0' }]);
      case '/api/v0/pin/ls':
        if (arg === '') return void lines(pins.filter(({ type }) => type === query.get('type')).map(line), faults.list);
        return void (found
          ? lines([{ Keys: { [arg]: { Type: found.type, Name: found.name ?? '' } } }])
          : fail(`path '/ipfs/${arg}' is not pinned`));
      case '/api/v0/files/stat': {
        if (arg === '/') return void lines([{ Hash: files.root, Size: 0, CumulativeSize: 4, Blocks: 0, Type: 'directory' }]);
        if (arg.startsWith('/') && files.stat) {
          const { cid, isFolder } = files.stat(arg.slice(1));
          return void (cid === undefined ? fail('file does not exist') : lines([{ Hash: cid, Size: 0, CumulativeSize: 4, Blocks: 0, Type: isFolder ? 'directory' : 'file' }])); // prettier-ignore
        }
        const known = found ?? files.items.find(({ cid }) => cid === arg);
        return void (known ? lines([{ Hash: arg, Size: 0, CumulativeSize: known.bytes, Blocks: 1, Type: known.isFolder ? 'directory' : 'file', WithLocality: true, Local: true, SizeLocal: known.bytes }]) : fail('not found')); // prettier-ignore
      }
      case '/api/v0/files/rm':
      case '/api/v0/files/cp':
      case '/api/v0/files/mv':
      case '/api/v0/files/mkdir':
        return void files
          .change(pathname.slice('/api/v0/files/'.length), query.getAll('arg'))
          .then((failure) => (failure === undefined ? lines([]) : fail(failure)));
      case '/api/v0/block/get':
        return void (arg === EMPTY ? response.end(EMPTY_BLOCK) : fail(`block was not found locally (offline): ipld: could not find ${arg}`)); // prettier-ignore
      case '/api/v0/block/stat':
        return void (faults.gone?.includes(arg) ? fail('block was not found locally') : lines([{ Key: arg, Size: 2048 }]));
      case '/api/v0/pin/verify':
        return void lines([]);
      case '/api/v0/pin/rm':
        if (!found || faults.rm) return void fail(faults.rm ?? 'not pinned or pinned indirectly');
        unpinned.set(arg, ...pins.splice(pins.indexOf(found), 1));
        return void lines([{ Pins: [arg] }]);
      case '/api/v0/pin/add': {
        const name = query.get('name') ?? '';
        if (faults.gone?.includes(arg)) return void lines([{}], 'context deadline exceeded');
        if (faults.add) return void lines([{}], faults.add);
        if (found) found.name = name;
        else {
          const type = query.get('recursive') === 'false' ? 'direct' : 'recursive';
          pins.push({ bytes: 2048, ...unpinned.get(arg), cid: arg, name, type });
        }
        return void lines([...(query.get('progress') === 'true' ? [{ Progress: 2, Bytes: 2048 }] : []), { Pins: [arg] }]);
      }
      default:
        return void response.writeHead(404).end('404 page not found');
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  mkdirSync(repository, { recursive: true });
  writeFileSync(path.join(repository, 'config'), JSON.stringify({ Identity: { PeerID: PEER } }));
  writeFileSync(path.join(repository, 'api'), `/ip4/127.0.0.1/tcp/${port}`);
  return {
    pins,
    files,
    asked,
    faults,
    /** Unless it exits cleanly, it leaves the file `api` as a killed daemon does. */
    stop: ({ cleanly = true } = {}) => {
      if (cleanly) rmSync(path.join(repository, 'api'));
      server.close();
      server.closeAllConnections();
    },
  };
}
