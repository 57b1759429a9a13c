// Stands in for the REST API of IPFS Cluster on loopback, for journeys. Responses have the shapes of IPFS Cluster 1.1 (test/fixtures/cluster).
import { createServer } from 'node:http';

/**
 * `pins`: [{ cid, name, timestamp?, statuses: { PEER: STATUS } }]. `lost`: peers that can't be reached. `faults.statuses`: an error text that the trailer
 * of all statuses has, after the first two; `faults.isSilent`: the list is never sent.
 */
export async function startClusterStandIn({ pins, lost = [], delayMs = 0 }) {
  const faults = {};
  const asked = [];
  const peers = [...new Set(pins.flatMap(({ statuses }) => Object.keys(statuses)))];
  const statusOf = ({ cid, name, statuses }) => ({
    cid,
    name,
    allocations: [],
    origins: [],
    created: '2026-11-23T04:43:47Z',
    metadata: null,
    peer_map: Object.fromEntries(
      Object.entries(statuses).map(([peer, status]) => [peer, { peername: peer, status, error: '', attempt_count: 0 }]),
    ),
  });
  const allocationOf = ({ cid, name, timestamp = '2026-11-23T04:43:47Z' }) => ({
    cid,
    name,
    mode: 'recursive',
    type: 'pin',
    allocations: [],
    replication_factor_max: -1,
    timestamp,
    metadata: null,
  });
  const server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
    asked.push(`${request.method} ${pathname}${query.has('cids') ? ' of some' : query.has('filter') ? ' that failed' : ''}`);
    const lines = (objects, trailer = '') => {
      response.writeHead(200, { 'content-type': 'application/json', trailer: 'X-Stream-Error' });
      for (const object of objects) response.write(`${JSON.stringify(object)}\n`);
      response.addTrailers({ 'X-Stream-Error': trailer });
      response.end();
    };
    const one = (object) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(object));
    const of = pins.find(({ cid }) => pathname.startsWith(`/pins/${cid}`));
    const wanted = query.get('cids')?.split(',');
    const isFiltered = query.has('filter');
    if (pathname === '/id') return void one({ id: peers[0], cluster_peers: peers });
    if (pathname === '/peers')
      return void lines(
        peers.map((id) =>
          lost.includes(id)
            ? { id, peername: '', error: 'failed to dial: connection refused', ipfs: { addresses: null, error: '' } }
            : { id, peername: id, version: '1.1.0', ipfs: { id } },
        ),
      );
    if (pathname === '/health/alerts') return void one([]);
    if (pathname === '/allocations' && faults.isSilent) return;
    if (pathname === '/allocations') return void lines(pins.map(allocationOf));
    if (pathname === '/pins' && wanted) return void lines(pins.filter(({ cid }) => wanted.includes(cid)).map(statusOf));
    if (pathname === '/pins' && isFiltered)
      return void lines(
        pins.map(statusOf).filter(({ peer_map }) => Object.values(peer_map).some(({ status }) => /error$/.test(status))),
      );
    if (pathname === '/pins')
      return void setTimeout(() => {
        if (faults.statuses === undefined) lines(pins.map(statusOf));
        else lines(pins.slice(0, 2).map(statusOf), faults.statuses);
      }, delayMs);
    if (of && pathname.endsWith('/recover'))
      for (const peer of Object.keys(of.statuses)) if (of.statuses[peer] === 'pin_error') of.statuses[peer] = 'pinned';
    if (of) return void one(statusOf(of));
    response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 404, message: 'not found' }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    faults,
    asked,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
