import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { createPeerLook } from '../../../src/pinSource/clusterPeers';
import type { Peer } from '../../../src/pinSource/pinSource';
import { cluster, json, withStandIn } from '../../support/daemonStandIn';

const said = (peers: readonly Peer[]): string[] => peers.map(({ name, problem }) => `${name}: ${problem ?? 'healthy'}`).sort();
const [HEALTHY, LOST] = ['alpha: healthy', 'beta: it no longer responds'];
const BETA = '12D3KooWGbAeRtzCQJuZgbhKHjB3CYxNB8Cp1aueUM4KZbMJjdzq';

describe('the peers of a cluster, as it was recorded when one was lost and came back', () => {
  it('are listed with the name of the one that can no longer be reached, once that is known', () =>
    withStandIn(
      { 'GET /peers': [cluster('peers-back'), cluster('peers-unreachable')], 'GET /health/alerts': cluster('health-alerts') },
      async (url) => {
        const look = createPeerLook();
        assert.deepEqual(said(await look({ url })), [HEALTHY, 'beta: healthy']);
        const [alpha, beta, ...more] = said(await look({ url }));
        assert.equal(alpha, HEALTHY);
        assert.match(beta ?? '', /^beta: failed to dial: .*connection refused$/);
        assert.deepEqual(more, []);
      },
    ));

  it('are remembered when the cluster no longer lists them, or has an alert about them', () =>
    withStandIn(
      {
        'GET /peers': [cluster('peers-back'), cluster('peers-lost')],
        'GET /health/alerts': [cluster('health-alerts'), cluster('health-alerts'), cluster('health-alerts-lost')],
        'GET /monitor/metrics/ping': cluster('monitor-ping-lost'),
      },
      async (url) => {
        const look = createPeerLook();
        assert.deepEqual(said(await look({ url })), [HEALTHY, 'beta: healthy']);
        assert.deepEqual(said(await look({ url })), [HEALTHY, LOST], 'before there is an alert');
        const peers = await createPeerLook()({ url });
        assert.deepEqual(said(peers), [HEALTHY, LOST], 'asked for the first time');
        assert.equal(peers[1]?.id, BETA);
      },
    ));

  it('are healthy again when they report again, though the cluster keeps its alert', () =>
    withStandIn(
      {
        'GET /peers': cluster('peers-back'),
        'GET /health/alerts': cluster('health-alerts-lost'),
        'GET /monitor/metrics/ping': cluster('monitor-ping'),
      },
      async (url) => assert.deepEqual(said(await createPeerLook()({ url })), [HEALTHY, 'beta: healthy']),
    ));

  it("report which of their facts are unknown, and which can't be requested", () =>
    withStandIn(
      {
        'GET /peers': cluster('peers-back'),
        'GET /health/alerts': json(['freespace', 'ping', 'freespace'].map((name) => ({ name, peer: BETA, value: '7' }))),
        'GET /monitor/metrics/freespace': json([]),
        'GET /monitor/metrics/ping': json({ code: 500, message: 'boom' }, '500 Internal Server Error'),
      },
      async (url) =>
        assert.deepEqual(said(await createPeerLook()({ url })), [HEALTHY, 'beta: no recent report of freespace, ping']),
    ));

  it('of another cluster are not mixed with them', () =>
    withStandIn({ 'GET /peers': cluster('peers-back'), 'GET /health/alerts': json(null) }, async (first) =>
      withStandIn({ 'GET /peers': cluster('peers'), 'GET /health/alerts': json(null) }, async (second) => {
        const look = createPeerLook();
        await look({ url: first });
        assert.deepEqual(said(await look({ url: second })), [HEALTHY, 'beta: healthy']);
      }),
    ));

  it('are listed without alerts where these are unavailable; not at all when canceled', () =>
    withStandIn({ 'GET /peers': cluster('peers-back') }, async (url) => {
      assert.deepEqual(said(await createPeerLook()({ url })), [HEALTHY, 'beta: healthy']);
      await assert.rejects(createPeerLook()({ url }, AbortSignal.abort()), (error) => IpfsKitError.is(error, 'cancelled'));
    }));
});
