import assert from 'node:assert/strict';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import { createServer } from 'node:tls';
import {
  clusterAlerts,
  clusterMetric,
  clusterPeers,
  clusterPin,
  clusterRecover,
  clusterUnpin,
  pinStatus,
  pinStatuses,
  probeCluster,
} from '../../../../src/daemonClient/cluster/clusterRest';
import { probePinningService } from '../../../../src/daemonClient/pinningService/pinningService';
import type { Reason } from '../../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { cluster, json, withStandIn } from '../../../support/daemonStandIn';
import type { Answer } from '../../../support/replayServer';
import { lines } from '../../../support/replayServer';
import { rawServer } from '../rawServer';

const CID = 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4';
/** A CID in the recorded responses. */
const RECOVERED = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku';
const UNKNOWN = 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a';
const OTHER = 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ';
const NOT_PINNED = { [`GET /allocations/${CID}`]: cluster('unpin-unknown') };
const UNAUTHORIZED: Answer = {
  status: '401 Unauthorized',
  headers: { 'www-authenticate': 'Basic realm="Restricted IPFS Cluster API"' },
  body: '{"code":401,"message":"unauthorized: no auth provided"}',
};

const failing =
  (reason: Reason, text?: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(IpfsKitError.is(error), String(error));
    assert.equal(error.reason, reason, error.message);
    if (text) assert.match(error.message, text);
    return true;
  };

describe('the probe of a cluster', () => {
  const cases: [string, Answer, string][] = [
    ['one of its peers answers', cluster('id'), 'up'],
    ['it requires a password', UNAUTHORIZED, 'needs-token'],
    ['a Kubo answers, or anything else', json({ ID: '12D3', AgentVersion: 'kubo/0.42.0' }), 'foreign'],
    ['GET is not allowed, as at a Kubo', { status: '405 Method Not Allowed', body: '405' }, 'foreign'],
    ['it fails', json({ code: 500, message: 'boom' }, '500 Internal Server Error'), 'busy'],
    ["it doesn't respond", { fault: { kind: 'mute' } }, 'busy'],
  ];
  for (const [what, answer, state] of cases)
    it(`is ${state} when ${what}`, () =>
      withStandIn({ 'GET /id': answer }, async (url) => assert.equal((await probeCluster({ url })).state, state)));
});

describe('the probe of a pinning service', () => {
  const cases: [string, Answer, string][] = [
    ['it lists pins', cluster('svc-pins'), 'up'],
    ['it has none', json({ count: 0, results: [] }), 'up'],
    ['it requires a token', UNAUTHORIZED, 'needs-token'],
    ['it is asked too often', json({ error: { reason: 'TOO_MANY' } }, '429 Too Many Requests'), 'busy'],
    ['it lists something else', json({ pins: [] }), 'foreign'],
    ['it takes longer than a second', { fault: { kind: 'mute' } }, 'busy'],
  ];
  for (const [what, answer, state] of cases)
    it(`is ${state} when ${what}`, () =>
      withStandIn({ 'GET /pins': answer }, async (url, server) => {
        assert.equal((await probePinningService({ url, authorization: 'Bearer s3cret' })).state, state);
        assert.equal(server.requests[0]?.headers['authorization'], 'Bearer s3cret');
      }));
});

describe('an address that begins with https:', () => {
  const state = async (url: string) => (await probePinningService({ url: url.replace('http:', 'https:') })).state;

  it("is foreign, not absent, where the program there can't prove its identity", async () => {
    const nameless = createServer({}); // A TLS server without a certificate.
    nameless.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => nameless.listen(0, '127.0.0.1', resolve));
    try {
      assert.equal(await state(`http://127.0.0.1:${(nameless.address() as AddressInfo).port}`), 'foreign');
    } finally {
      nameless.close();
    }
  });

  it("is foreign if it speaks plain HTTP, and busy if it closes the connection or doesn't respond", async () => {
    const answers = [
      [(socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'foreign'],
      [(socket: Socket) => socket.end(), 'busy'],
      [() => undefined, 'busy'],
    ] as const;
    for (const [answer, expected] of answers) {
      const server = await rawServer((_, socket) => answer(socket));
      assert.equal(await state(server.url), expected);
      await server.close();
    }
  });
});

describe('the peers of a cluster', () => {
  it('come with the Kubo below each', () =>
    withStandIn({ 'GET /peers': cluster('peers') }, async (url) => {
      const peers = await clusterPeers({ url });
      assert.deepEqual(
        peers.map(({ name, error, ipfsError }) => ({ name, error, ipfsError })),
        ['alpha', 'beta'].map((name) => ({ name, error: undefined, ipfsError: undefined })),
      );
    }));

  it("that can't be reached say why, in text that can be shown", () =>
    withStandIn(
      {
        'GET /peers': {
          body: lines([{ id: '12D3', peername: 'be\u202eta', error: `dial\n${'x'.repeat(999)}`, ipfs: { error: 7 } }]),
        },
      },
      async (url) => {
        const [peer] = await clusterPeers({ url });
        assert.equal(peer?.name, 'be<U+202E>ta');
        assert.match(peer.error ?? '', /^dial\u240ax+…$/);
        assert.equal(peer.ipfsError, undefined);
      },
    ));

  it('may be none', () =>
    withStandIn({ 'GET /peers': { status: '204 No Content' } }, async (url) =>
      assert.deepEqual(await clusterPeers({ url }), []),
    ));

  it('are incomplete if the trailer reports an error', () =>
    withStandIn({ 'GET /peers': { ...cluster('peers'), trailers: { 'X-Stream-Error': 'context canceled' } } }, (url) =>
      assert.rejects(clusterPeers({ url }), failing('truncated', /context canceled/)),
    ));
});

describe('the alerts of a cluster', () => {
  it("name the peer, and what it didn't know", () =>
    withStandIn(
      {
        'GET /health/alerts': [
          cluster('health-alerts'),
          cluster('health-alerts-lost'),
          json([
            { name: 'freespace', peer: '12D3', value: '9999978750' },
            { name: 'ping', peer: '12D3', value: '{' },
          ]),
          json(null),
        ],
      },
      async (url) => {
        assert.deepEqual(await clusterAlerts({ url }), []);
        const peer = '12D3KooWGbAeRtzCQJuZgbhKHjB3CYxNB8Cp1aueUM4KZbMJjdzq';
        assert.deepEqual(await clusterAlerts({ url }), [{ peer, name: 'beta', metric: 'ping' }]);
        assert.deepEqual(
          (await clusterAlerts({ url })).map(({ name, metric }) => [name, metric]),
          [
            ['', 'freespace'],
            ['', 'ping'],
          ],
        );
        assert.deepEqual(await clusterAlerts({ url }), []);
      },
    ));

  it('are a list of objects', async () => {
    for (const answer of [json({}), json([{ name: 'ping' }, 7]), json([[]]), { body: '[{"name":"ping"},]' }])
      await withStandIn({ 'GET /health/alerts': answer }, (url) => assert.rejects(clusterAlerts({ url }), failing('foreign')));
  });

  it('are as many as a cluster keeps, each parsed separately', async () => {
    const alert = { name: 'ping', peer: '12D3', value: 'x'.repeat(1000) };
    const many = json(Array.from({ length: 1000 }, () => alert));
    await withStandIn({ 'GET /health/alerts': many }, async (url) => assert.equal((await clusterAlerts({ url })).length, 1000));
    const large = json([{ ...alert, value: 'x'.repeat(2 ** 16) }]);
    await withStandIn({ 'GET /health/alerts': large }, (url) => assert.rejects(clusterAlerts({ url }), failing('too-large')));
  });
});

describe('a metric of a cluster', () => {
  it('names the peers that tell it now', () =>
    withStandIn({ 'GET /monitor/metrics/ping': [cluster('monitor-ping'), cluster('monitor-ping-lost')] }, async (url) => {
      assert.equal((await clusterMetric({ url }, 'ping')).size, 2);
      assert.equal((await clusterMetric({ url }, 'ping')).size, 1);
    }));

  it('is requested by its name, for any name', () =>
    withStandIn({ 'GET /monitor/metrics/..%2Fid%3F': json([]) }, async (url) =>
      assert.equal((await clusterMetric({ url }, '../id?')).size, 0),
    ));
});

describe('the status of a pin', () => {
  it('is reported by peer, with what went wrong', () =>
    withStandIn({ [`GET /pins/${CID}`]: cluster('pin-get') }, async (url) => {
      const { peers } = await pinStatus({ url }, CID);
      assert.deepEqual(
        peers.map(({ name, status }) => [name, status]),
        [
          ['alpha', 'pinned'],
          ['beta', 'pin_error'],
        ],
      );
      assert.match(peers[1]?.error ?? '', /block was not found locally/);
    }));

  it('is unpinned where the cluster does not know it', () =>
    withStandIn({ [`GET /pins/${UNKNOWN}`]: cluster('pin-get-unknown') }, async (url) =>
      assert.ok((await pinStatus({ url }, UNKNOWN)).peers.every(({ status }) => status === 'unpinned')),
    ));

  it('of many comes in one stream, fifty CIDs at a time', () =>
    withStandIn({ 'GET /pins': cluster('pins-cids') }, async (url, server) => {
      const statuses = await pinStatuses({ url }, [...Array.from({ length: 51 }, () => CID)]);
      assert.equal(server.requests.length, 2);
      assert.deepEqual(
        server.requests.map(({ query }) => query.get('cids')?.split(',').length),
        [50, 1],
      );
      assert.ok(statuses.length > 0 && statuses.every(({ peers }) => peers.length === 2));
    }));

  it('of many pins is reported only for these', () =>
    withStandIn({ 'GET /pins': { body: lines([OTHER, CID].map((cid) => ({ cid, peer_map: {} }))) } }, async (url) =>
      assert.deepEqual(
        (await pinStatuses({ url }, [CID])).map(({ cid }) => cid),
        [CID],
      ),
    ));

  it('of an empty list sends no request', () =>
    withStandIn({}, async (url, server) => {
      assert.deepEqual(await pinStatuses({ url }, []), []);
      assert.deepEqual(server.requests, []);
    }));

  it('may be empty if all peers are lost', () =>
    withStandIn({ [`GET /pins/${CID}`]: json({ cid: CID, name: '', peer_map: {} }) }, async (url) =>
      assert.deepEqual((await pinStatus({ url }, CID)).peers, []),
    ));

  for (const [what, answer] of [
    ['no map of peers', json({ cid: CID, peer_map: null })],
    ['a list', json([])],
    ['no CID', json({ peer_map: {} })],
    ['another CID', json({ cid: OTHER, peer_map: {} })],
  ] as const)
    it(`is not accepted from a response with ${what}`, () =>
      withStandIn({ [`GET /pins/${CID}`]: answer }, (url) => assert.rejects(pinStatus({ url }, CID), failing('foreign'))));
});

describe('acting on a pin of a cluster', () => {
  it('pins with a name, and the replicas that are wanted', () =>
    withStandIn({ ...NOT_PINNED, [`POST /pins/${CID}`]: cluster('pin-post') }, async (url, server) => {
      await clusterPin({ url }, CID, { name: 'demo & site', replicationMin: 1, replicationMax: -1 });
      assert.deepEqual(Object.fromEntries(server.requests[1]?.query ?? []), {
        name: 'demo & site',
        'replication-min': '1',
        'replication-max': '-1',
      });
    }));

  it("reports the cluster's error", () =>
    withStandIn({ ...NOT_PINNED, [`POST /pins/${CID}`]: cluster('pin-post-badcid') }, (url) =>
      assert.rejects(clusterPin({ url }, CID), failing('http-status', /was not pinned: .*invalid cid/)),
    ));

  it('unpins', () => withStandIn({ [`DELETE /pins/${CID}`]: cluster('unpin') }, (url) => clusterUnpin({ url }, CID)));

  it("doesn't unpin what isn't a pin of the cluster", () =>
    withStandIn({ [`DELETE /pins/${CID}`]: cluster('unpin-unknown') }, (url) =>
      assert.rejects(clusterUnpin({ url }, CID), failing('not-pinned', /is not a pin of the cluster/)),
    ));

  it("doesn't count what the cluster reports of another pin", () => {
    const other = json({ cid: OTHER, peer_map: { a: { status: 'pinned' } } });
    const routes = {
      ...NOT_PINNED,
      [`POST /pins/${CID}`]: other,
      [`DELETE /pins/${CID}`]: other,
      [`POST /pins/${CID}/recover`]: other,
    };
    return withStandIn(routes, async (url) => {
      for (const act of [clusterPin, clusterUnpin, clusterRecover]) await assert.rejects(act({ url }, CID), failing('foreign'));
    });
  });

  it('counts what the cluster reports of the same CID in another base', () => {
    const asked = 'k2jmtxsez3ni5okv12v47xlc0c4ghikcy6zku58je47tzyyh7273ny87';
    return withStandIn({ [`DELETE /pins/${asked}`]: json({ cid: CID }) }, (url) => clusterUnpin({ url }, asked));
  });

  it('recovers, and returns the status after that', () =>
    withStandIn({ [`POST /pins/${RECOVERED}/recover`]: cluster('recover') }, async (url) =>
      assert.deepEqual(
        (await clusterRecover({ url }, RECOVERED)).peers.map(({ status }) => status),
        ['pin_queued', 'pin_queued'],
      ),
    ));

  it('recovers nothing that the cluster does not have any more', () =>
    withStandIn({ [`POST /pins/${UNKNOWN}/recover`]: cluster('pin-get-unknown') }, (url) =>
      assert.rejects(
        clusterRecover({ url }, UNKNOWN),
        failing('not-pinned', /was not recovered: it is not a pin of the cluster/),
      ),
    ));

  it('reports that a password is required', () =>
    withStandIn({ [`DELETE /pins/${CID}`]: UNAUTHORIZED }, (url) =>
      assert.rejects(clusterUnpin({ url }, CID), failing('needs-token')),
    ));

  it("sends no request for text that isn't a CID", () =>
    withStandIn({}, async (url, server) => {
      for (const text of ['', '../health', `${CID}/recover`, `${CID}?x`]) {
        await assert.rejects(clusterPin({ url }, text), failing('invalid-argument'));
        await assert.rejects(clusterUnpin({ url }, text), failing('invalid-argument'));
        await assert.rejects(clusterRecover({ url }, text), failing('invalid-argument'));
        await assert.rejects(pinStatuses({ url }, [CID, text]), failing('invalid-argument'));
      }
      assert.deepEqual(server.requests, []);
    }));
});

describe('a response that is parsed in the editor’s thread', () => {
  it('has at most 256 KiB in one piece', async () => {
    const lists = `[${'[],'.repeat(2 ** 17)}0]`;
    await withStandIn({ [`GET /pins/${CID}`]: { body: lists } }, (url) =>
      assert.rejects(pinStatus({ url }, CID), failing('too-large', /262,144 bytes/)),
    );
    await withStandIn({ 'GET /peers': { body: `{"id":${lists}}\n` } }, (url) =>
      assert.rejects(clusterPeers({ url }), failing('too-large', /line of more than 262,144 bytes/)),
    );
  });
});
