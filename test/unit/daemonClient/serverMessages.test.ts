import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CID } from 'multiformats/cid';
import { clusterPin, clusterPeers, probeCluster } from '../../../src/daemonClient/cluster/clusterRest';
import { pinRm, probeKubo } from '../../../src/daemonClient/kubo/kuboRpc';
import { probePinningService } from '../../../src/daemonClient/pinningService/pinningService';
import type { RpcAccess } from '../../../src/daemonClient/rpcAccess';
import { messageIn, serverText } from '../../../src/daemonClient/serverMessages';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { kuboRpcSource } from '../../../src/vfs/kuboBlocks';
import { json, withStandIn } from '../../support/daemonStandIn';
import type { Answer, ReplayedRequest } from '../../support/replayServer';

const BLOCK = 'bafkreibnoelefnzgwbcacyt4vh52ymxvzbjq7mmqhtcnwarfq4lzegsiqe';
const BASIC = `Basic ${Buffer.from('ada:l0ve:lace').toString('base64')}`;

describe("a server's message", () => {
  it('are shown without the token that was sent, for every response and every caller', async () => {
    const asks: ((access: RpcAccess) => Promise<unknown>)[] = [
      async (access) => (await probeKubo(access)).detail,
      async (access) => (await probeCluster(access)).detail,
      async (access) => (await probePinningService(access)).detail,
      async (access) =>
        kuboRpcSource(access)
          .get(CID.parse(BLOCK), new AbortController().signal)
          .then(() => 'its block'),
      async (access) => pinRm(access, BLOCK),
      async (access) => clusterPin(access, BLOCK),
      async (access) => clusterPeers(access),
    ];
    for (const status of ['400 Bad Request', '404 Not Found', '422 No', '500 Internal Server Error', '200 OK'])
      for (const field of ['Message', 'message', 'error'])
        for (const authorization of ['Bearer sk/live"s3cret', BASIC]) {
          const answer = ({ headers }: ReplayedRequest): Answer => {
            const said = `not for ${headers['authorization'] ?? ''}${authorization === BASIC ? ', l0ve:lace' : ''}`;
            const body = { [field]: field === 'error' ? { details: said } : said };
            return { ...json(status === '200 OK' ? { error: said } : body, status), trailers: { 'x-stream-error': said } };
          };
          const routes = ['POST /api/v0/id', 'GET /id', 'GET /pins', 'POST /api/v0/block/get', 'POST /api/v0/pin/rm', `GET /allocations/${BLOCK}`, 'GET /peers']; // prettier-ignore
          await withStandIn(Object.fromEntries(routes.map((route) => [route, answer])), async (url, { requests }) => {
            for (const ask of asks) {
              const text = await ask({ url, authorization }).then(
                (said) => JSON.stringify([said]),
                (error: unknown) => IpfsKitError.from(error).message,
              );
              assert.doesNotMatch(text, /s3cret|l0ve|lace|YWRh/, `${status} ${field} ${text}`);
            }
            assert.equal(requests.length, asks.length);
          });
        }
  });

  it('are shown without escaped or decoded forms of it, and without the credentials of a proxy', () => {
    const way = { proxy: { url: 'http://p.example', authorization: BASIC } };
    assert.equal(serverText('bad Bearer a/b+c, or a/b+c, or a%2Fb%2Bc', { authorization: 'Bearer a/b+c' }), 'bad …, or …, or …');
    assert.equal(
      messageIn(Buffer.from('{"Message":"bad a\\/b"} and a\\"b'), { authorization: 'a"b' }),
      '{"Message":"bad a\\/b"} and …',
    );
    assert.equal(serverText('ada may not: ada:l0ve:lace, l0ve:lace', { way }), '… may not: …, …');
  });

  it('are shown without the credentials of addresses in it', () =>
    assert.equal(
      serverText('see http://ada:l0ve@x.example/a, https://a:b/c@d@y.example and mail@z.example'),
      'see http://…@x.example/a, https://…@y.example and mail@z.example',
    ));
});
