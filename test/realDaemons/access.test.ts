import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CID } from 'multiformats/cid';
import { kuboAccess } from '../../src/daemonClient/kubo/kuboRepository';
import { probeKubo } from '../../src/daemonClient/kubo/kuboRpc';
import { accessWith } from '../../src/daemonClient/rpcAccess';
import type { Way } from '../../src/daemonClient/proxyAndCertificate';
import { IpfsKitError } from '../../src/base/ipfsKitError';
import { ownCluster } from '../../src/pinSource/clusterAddress';
import { createClusterSource } from '../../src/pinSource/clusterSource';
import type { KuboSource } from '../../src/pinSource/kuboSource';
import { createKuboSource } from '../../src/pinSource/kuboSource';
import { isBlockOf } from '../../src/vfs/multihash';
import type { BlockSource } from '../../src/vfs/blockSource';
import { blockSources } from '../../src/vfs/blockSources';
import { selfSigned } from '../support/certificate';
import { stopKubo } from '../../src/reaper/kubo/stopKubo';
import type { ClusterPeer } from './clusterPeer';
import { startClusterPeer } from './clusterPeer';
import { configure, unpinAll } from './configured';
import type { RealKubo } from './realKubo';
import { createRealKubo } from './realKubo';
import { addedTo, pinsOf, worker } from './sourcePins';

const { signal } = new AbortController();
const basic = (name: string, password: string): string => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

/** The source for a Kubo repository, with this token saved for its address. */
function sourceOf(kubo: RealKubo, token?: string, asked: string[] = []): KuboSource {
  return createKuboSource({
    repository: kubo.repository,
    url: undefined,
    authorization: (place) => {
      asked.push(place);
      return Promise.resolve(token);
    },
    indirect: () => false,
  });
}

const needsToken = (error: unknown): boolean => IpfsKitError.is(error, 'needs-token');

describe('a real Kubo behind a unix socket', () => {
  const kubo = createRealKubo();
  const socket = path.join(kubo.repository, 'rpc.sock');
  const asked: string[] = [];
  const source = sourceOf(kubo, undefined, asked);
  let cid = '';

  before(async () => {
    unpinAll(kubo);
    configure(kubo, { 'Addresses.API': `/unix${socket}` });
    cid = addedTo(kubo, 'behind a socket', 300_000, '--pin=false');
    await kubo.start();
  });
  after(() => kubo.remove());

  it('is found by its repository, and asked there', async () => {
    assert.deepEqual(kuboAccess(kubo.repository), { url: 'http://kubo', socketPath: socket });
    assert.equal((await source.probe()).state, 'up');
    assert.equal(await source.tokenAddress?.(), socket);
    assert.deepEqual(asked, [], 'it requires no token, so the secret storage is not read');
  });

  it('lists, pins, verifies and unpins', async () => {
    assert.deepEqual(await pinsOf(source), []);
    await source.run('pin', { cid, name: 'by socket' }, { signal });
    assert.deepEqual(
      (await pinsOf(source)).map((pin) => [pin.cid, pin.name, pin.type]),
      [[cid, 'by socket', 'recursive']],
    );
    assert.match(kubo.run('pin', 'ls', '--names', '--type=recursive'), new RegExp(`^${cid} recursive by socket$`, 'm'));
    assert.match((await source.run('verify', { cid, type: 'recursive' }, { signal })) ?? '', /^All of it/);
    await source.run('unpin', { cid, type: 'recursive' }, { signal });
    assert.deepEqual(await pinsOf(source), []);
    assert.equal(kubo.run('pin', 'ls', '--type=recursive').trim(), '');
  });

  it('is stopped, and then absent', async () => {
    const access = kuboAccess(kubo.repository);
    assert.ok(access);
    const result = await stopKubo({ access, repository: kubo.repository, onProgress: () => undefined });
    assert.deepEqual([result.ok, result.survivors], [true, []], result.summary);
    assert.equal((await source.probe()).state, 'absent');
  });
});

describe('a real Kubo that requires a token', () => {
  const kubo = createRealKubo();
  const [bearer, password] = ['Bearer b3ar3r', basic('ada', 'l0vel:ace')];
  let cid = '';

  before(async () => {
    unpinAll(kubo);
    configure(kubo, {
      'API.Authorizations': {
        all: { AuthSecret: 'bearer:b3ar3r', AllowedPaths: ['/api/v0'] },
        ada: { AuthSecret: 'basic:ada:l0vel:ace', AllowedPaths: ['/api/v0'] },
        lists: { AuthSecret: 'bearer:l1sts', AllowedPaths: ['/api/v0/id', '/api/v0/pin/ls'] },
      },
    });
    cid = addedTo(kubo, 'behind a token', 1000);
    await kubo.start();
  });
  after(() => kubo.remove());

  it('is up, and rejects a missing or wrong one', async () => {
    for (const token of [undefined, 'Bearer wr0ng', basic('ada', 'wr0ng')]) {
      const source = sourceOf(kubo, token);
      const { state, detail } = await source.probe();
      assert.equal(state, 'needs-token', detail);
      assert.match(detail, token === undefined ? /requires a token .*HTTP 403/ : /rejected the saved token .*HTTP 403/);
      await assert.rejects(source.open({ worker }), needsToken);
      await assert.rejects(source.run('unpin', { cid, type: 'recursive' }, { signal }), needsToken);
    }
  });

  for (const [kind, token] of [
    ['bearer token', bearer],
    ['name and password', password],
  ] as const)
    it(`lists, unpins and pins for a ${kind}`, async () => {
      const source = sourceOf(kubo, token);
      assert.equal((await source.probe()).state, 'up');
      assert.deepEqual(
        (await pinsOf(source)).map((pin) => pin.cid),
        [cid],
      );
      await source.run('unpin', { cid, type: 'recursive' }, { signal });
      assert.deepEqual(await pinsOf(source), []);
      await source.run('pin', { cid, name: kind }, { signal });
      assert.deepEqual(
        (await pinsOf(source)).map(({ name }) => name),
        [kind],
      );
    });

  it('sends its blocks only for the token that is saved for its address', async () => {
    const block = CID.parse(cid);
    const daemonWith = (place: string): BlockSource | undefined =>
      blockSources({ repository: kubo.repository, gateways: [], authorizations: { [place]: { authorization: bearer } } })[1];
    assert.ok(isBlockOf(block, (await daemonWith(kubo.rpc())?.get(block, signal)) ?? new Uint8Array()));
    await assert.rejects(async () => daemonWith('http://127.0.0.1:1')?.get(block, signal), needsToken);
    const sources = { gateways: [], kuboUrl: kubo.rpc(), authorizations: { [kubo.rpc()]: { authorization: password } } };
    assert.ok(isBlockOf(block, (await blockSources(sources)[0]?.get(block, signal)) ?? new Uint8Array()));
  });

  it('lists for a token that only allows that, and says so when more is requested', async () => {
    const source = sourceOf(kubo, 'Bearer l1sts');
    assert.deepEqual(
      (await pinsOf(source)).map((pin) => pin.cid),
      [cid],
    );
    await assert.rejects(source.run('unpin', { cid, type: 'recursive' }, { signal }), needsToken);
  });

  it('is sent no token in the clear beyond this machine', async () => {
    const access = kuboAccess(kubo.repository);
    assert.ok(access);
    assert.equal((await probeKubo(accessWith(access, bearer))).state, 'up');
    assert.throws(
      () => accessWith({ url: 'http://192.0.2.7:5001' }, bearer),
      (error) => IpfsKitError.is(error, 'invalid-argument') && !error.message.includes('b3ar3r'),
    );
  });
});

describe('a real cluster that uses TLS with its own certificate', () => {
  const kubo = createRealKubo();
  let peer: ClusterPeer | undefined;
  let cid = '';

  before(async () => {
    cid = addedTo(kubo, 'behind TLS', 1000, '--pin=false');
    await kubo.start();
    peer = await startClusterPeer('alone', kubo, undefined, { certificate: selfSigned('node.example') });
  });
  after(async () => {
    await peer?.remove();
    await kubo.remove();
  });

  it('lists, pins and unpins if its service.json names the certificate, and is reported if nothing does', async () => {
    const { url, certificate } = ownCluster(peer?.folder ?? '');
    assert.equal(url, peer?.url);
    const sourceWith = (way?: Way) =>
      createClusterSource({ url: () => url, authorization: () => Promise.resolve(undefined), wayTo: () => way, everyMs: 200 });
    const { state, detail } = await sourceWith().probe();
    assert.match(`${state}: ${detail}`, /^foreign: The certificate of https:\S+ isn't trusted: it is self-signed/);
    await assert.rejects(sourceWith().open({ worker }), (error) => IpfsKitError.is(error, 'certificate'));
    const source = sourceWith({ certificate });
    assert.equal((await source.probe()).state, 'up');
    assert.equal(await source.run('pin', { cid, name: 'by TLS' }, { signal }), 'Pinned by 1 of 1 peer.');
    assert.deepEqual(
      (await pinsOf(source)).map((pin) => [pin.cid, pin.name]),
      [[cid, 'by TLS']],
    );
    await source.run('unpin', { cid }, { signal });
    assert.deepEqual(await pinsOf(source), []);
  });
});

describe('a real cluster that requires a password', () => {
  const kubo = createRealKubo();
  let peer: ClusterPeer | undefined;
  let cid = '';
  const sourceWith = (token?: string) =>
    createClusterSource({ url: () => peer?.url ?? '', authorization: () => Promise.resolve(token), everyMs: 200 });

  before(async () => {
    cid = addedTo(kubo, 'behind a password', 1000, '--pin=false');
    await kubo.start();
    peer = await startClusterPeer('alone', kubo, undefined, { passwords: { ada: 'l0vel:ace' } });
  });
  after(async () => {
    await peer?.remove();
    await kubo.remove();
  });

  it('is up, and rejects a missing or wrong one', async () => {
    for (const token of [undefined, basic('ada', 'wr0ng'), 'Bearer b3ar3r']) {
      const source = sourceWith(token);
      const { state, detail } = await source.probe();
      assert.equal(state, 'needs-token', detail);
      assert.match(detail, token === undefined ? /requires a token .*HTTP 401/ : /rejected the saved token .*HTTP 401/);
      await assert.rejects(source.open({ worker }), needsToken);
      await assert.rejects(source.peers(), needsToken);
      await assert.rejects(source.run('pin', { cid }, { signal }), needsToken);
    }
  });

  it('lists, pins and unpins for name and password, and names its peers', async () => {
    const source = sourceWith(basic('ada', 'l0vel:ace'));
    assert.equal((await source.probe()).state, 'up');
    assert.deepEqual(await pinsOf(source), []);
    assert.equal(await source.run('pin', { cid, name: 'by password' }, { signal }), 'Pinned by 1 of 1 peer.');
    assert.deepEqual(
      (await pinsOf(source)).map((pin) => [pin.cid, pin.name]),
      [[cid, 'by password']],
    );
    assert.deepEqual(
      (await source.peers()).map(({ name, problem }) => [name, problem]),
      [['alone', undefined]],
    );
    await source.run('unpin', { cid }, { signal });
    assert.deepEqual(await pinsOf(source), []);
  });
});
